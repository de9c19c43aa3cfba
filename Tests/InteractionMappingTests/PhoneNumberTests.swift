// Phone numbers in E.164, and what is none.

import Testing

@testable import InteractionMapping

@Suite struct PhoneNumberTests {
    @Test(arguments: [
        ("DE", "030 1234567", "+49301234567"), ("de", "+49 (0)30 / 123 45 67", "+49301234567"),
        ("DE", "0049 30 1234567", "+49301234567"), ("DE", " 0151-23456789 ", "+4915123456789"),
        ("DE", "+1 (555) 010-9999", "+15550109999"), ("US", "(555) 010-9999", "+15550109999"),
        ("US", "1-555-010-9999", "+15550109999"), ("US", "011 44 20 7946 0000", "+442079460000"),
        ("GB", "020 7946 0000", "+442079460000"), ("IT", "06 1234 5678", "+390612345678"),
        ("HU", "06 1 234 5678", "+3612345678"), ("AU", "0011 1 555 010 9999", "+15550109999"),
        ("FR", "01\u{A0}23\u{202F}45\u{A0}67\u{A0}89", "+33123456789"), ("ES", "912 345 678", "+34912345678"),
    ])
    func numbersOfARegion(region: String, text: String, number: String) throws {
        let region = try #require(PhoneRegion(named: region))
        #expect(region.e164(text) == number)
        // What is one already stays.
        #expect(region.e164(number) == number)
    }

    @Test(arguments: [
        "", "+", "110", "12345", "Anna", "030 1234567 ext. 5", "1-800-FLOWERS", "+0301234567", "+1234567890123456",
        "whatsapp:+49301234567",
    ])
    func whatIsNoWholeNumber(text: String) throws {
        #expect(try #require(PhoneRegion(named: "DE")).e164(text) == nil)
    }

    @Test func regionsAreSmallAndWhole() {
        #expect(PhoneRegion(named: "XX") == nil && PhoneRegion(named: "Germany") == nil)
        #expect(PhoneRegion.names == PhoneRegion.names.sorted() && PhoneRegion.names.count > 40)
        for name in PhoneRegion.names {
            guard let region = PhoneRegion(named: name) else { continue }
            #expect(region.countryCode.allSatisfy(\.isNumber) && (1...3).contains(region.countryCode.count), "\(name)")
        }
    }
}
