// Derived identifiers, against values computed with Python's uuid and hashlib modules.

import Testing

@testable import InteractionModel

@Suite struct IdentifiersTests {
    @Test func namespaceIsTheUUIDOfItsName() {
        let name = "interaction-migrate.optave.com"
        #expect(UUIDValue.v5(namespace: .dns, name: name.utf8) == .interactionMigrate)
        #expect(UUIDValue.interactionMigrate.description == "cfbdc69c-16d7-5e90-92b5-e4d2a65b1262")
        #expect(UUIDValue.dns.description == "6ba7b810-9dad-11d1-80b4-00c04fd430c8")
    }

    @Test func version5IsWhatPythonComputes() {
        for (name, expected) in [
            ("", "9747fee4-9aa8-53bb-aa92-6ad8f495c637"),
            ("a", "e7b71caa-afde-57ed-b816-f53634452499"),
            ("Jürgen", "d8cd1389-969c-5460-a427-839497786a02"),
            ("org_default\0zendesk\0user\u{0}17", "f223b864-b23f-54e5-a925-70458d926b6a"),
            (" person@example.com", "2ab233a3-fa97-59ae-8169-989169f75f9e"),
        ] {
            let bytes = Array(name.utf8)
            #expect(UUIDValue.v5(namespace: .interactionMigrate, name: bytes).description == expected)
            #expect(UUIDValue.v5(namespace: .interactionMigrate, name: AnySequence(bytes)).description == expected)
            let raw = bytes.withUnsafeBytes { UUIDValue.v5(namespace: .interactionMigrate, name: $0) }
            #expect(raw.description == expected)
        }
    }

    @Test func version5InTheDNSNamespace() {
        let value = UUIDValue.v5(namespace: .dns, name: "python.org".utf8)
        #expect(value.description == "886313e1-3b8a-5372-9b90-0c9aee199e5d")
    }

    @Test func payloadIDsAreWhatPythonComputes() {
        let long = (0..<10_240).map { UInt8(truncatingIfNeeded: $0) }
        let small = Array(#"{"a":1}"#.utf8)
        expectIDs(
            1_709_301_528_000,
            small,
            "018dfa4f-75c0-75d9-b0fb-4b0cc06a164f",
            correlation: "018dfa4f-75c0-7161-b13d-b5c3ef4b12c0",
            trace: "018dfa4f-75c0-7a7d-8c67-07466bdfaae7"
        )
        for milliseconds in [.min, -1, 0] as [Int64] {
            expectIDs(
                milliseconds,
                [],
                "00000000-0000-7906-8d9a-ac0031c68b0b",
                correlation: "00000000-0000-7946-80e7-b442aebf4140",
                trace: "00000000-0000-7a5b-a03c-ffc0ec8c789a"
            )
        }
        for milliseconds in [(1 << 48) - 1, .max] as [Int64] {
            expectIDs(
                milliseconds,
                long,
                "ffffffff-ffff-70c7-b014-563dc7667f81",
                correlation: "ffffffff-ffff-7c4d-b2c8-21679dad93c5",
                trace: "ffffffff-ffff-735a-9558-c82bc81276e2"
            )
        }
    }

    @Test func payloadIDsDependOnLabelTimeAndPayload() {
        let first = ids(5, Array("bc".utf8))
        #expect(first.idempotencyKey == ids(5, Array("bc".utf8)).idempotencyKey)
        #expect(first.idempotencyKey != ids(6, Array("bc".utf8)).idempotencyKey)
        #expect(first.idempotencyKey != ids(5, Array("bd".utf8)).idempotencyKey)
        #expect(first.id(for: "a") == ids(5, Array("bc".utf8)).id(for: "a"))
        #expect(first.id(for: "a") != ids(5, Array("bd".utf8)).id(for: "a"))
        #expect(first.id(for: "a") != first.id(for: "ab"))
        #expect(first.id(for: "idempotencyKey") != first.idempotencyKey)
    }

    @Test(arguments: [
        ("018dfa4f-75c0-78b0-9e75-aaf9d07f396d", true),
        ("018DFA4F-75C0-78B0-BE75-AAF9D07F396D", true),
        ("018dfa4f-75c0-78b0-8e75-aaf9d07f396d", true),
        ("018dfa4f-75c0-78b0-Ae75-aaf9d07f396d", true),
        ("018dfa4f-75c0-48b0-9e75-aaf9d07f396d", false),
        ("018dfa4f-75c0-78b0-7e75-aaf9d07f396d", false),
        ("018dfa4f-75c0-78b0-ce75-aaf9d07f396d", false),
        ("018dfa4f-75c0-78b0-9e75-aaf9d07f396", false),
        ("018dfa4f-75c0-78b0-9e75-aaf9d07f396d ", false),
        ("018dfa4f-75c0-78b0-9e75-aaf9d07f396g", false),
        ("018dfa4f-75c0-78b0-9e75_aaf9d07f396d", false),
        ("018dfa4f075c0-78b0-9e75-aaf9d07f396d", false),
        ("{18dfa4f-75c0-78b0-9e75-aaf9d07f396}", false),
        ("018dfa4f75c078b09e75aaf9d07f396d", false),
        ("", false),
    ])
    func recognisesVersion7(text: String, expected: Bool) {
        #expect(Array(text.utf8).withUnsafeBytes { UUIDValue.isV7($0) } == expected)
    }

    @Test func textRoundTrips() throws {
        for text in [
            "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "01234567-89ab-cdef-fedc-ba9876543210",
        ] {
            let value = try #require(UUIDValue(text))
            #expect(value.description == text)
            #expect(UUIDValue(text.uppercased()) == value)
            #expect(value.withText { Array($0) } == Array(text.utf8))
        }
        #expect(UUIDValue("0123456-789ab-cdef-fedc-ba9876543210") == nil)
        #expect(UUIDValue("01234567-89ab-cdef-fedc-ba987654321é") == nil)
        #expect(UUIDValue("") == nil)
    }

    @Test func digestIgnoresHowContentIsCut() {
        let content = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var whole = ContentDigest()
        content.withUnsafeBytes { whole.update($0) }
        var pieces = ContentDigest()
        for byte in content { withUnsafeBytes(of: byte) { pieces.update($0) } }
        #expect(whole.finish() == pieces.finish())
        #expect(whole.finish() == whole.finish())
        var abc = ContentDigest()
        Array("abc".utf8).withUnsafeBytes { abc.update($0) }
        #expect(hexadecimal(abc.finish()) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            hexadecimal(ContentDigest().finish()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
    }

    private func ids(_ milliseconds: Int64, _ payload: [UInt8]) -> PayloadIDs {
        payload.withUnsafeBytes { PayloadIDs(of: $0, milliseconds: milliseconds) }
    }

    private func expectIDs(
        _ milliseconds: Int64,
        _ payload: [UInt8],
        _ key: String,
        correlation: String,
        trace: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let ids = ids(milliseconds, payload)
        let values = [ids.idempotencyKey, ids.id(for: "correlationId"), ids.id(for: "traceId")]
        #expect(values.map(\.description) == [key, correlation, trace], sourceLocation: sourceLocation)
        for value in values { #expect(value.withText { UUIDValue.isV7($0) }, sourceLocation: sourceLocation) }
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
