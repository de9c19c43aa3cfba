// The arrays whose order says nothing are those of the schema, and those of the document.

import Foundation
import InteractionModel
import TestSupport
import Testing

@testable import InteractionConversion

@Suite struct ArrayMeaningTests {
    private static func schema() throws -> JSONValue {
        let path = TestFiles.package + "/Sources/InteractionModel/Schema/interaction-v3.2.schema.json"
        return try JSONValue(parsing: Array(Data(contentsOf: URL(fileURLWithPath: path))))
    }

    /// The names of the arrays among the properties of a definition.
    private static func arrays(_ properties: JSONValue?) -> [String] {
        guard case .object(let members)? = properties else { return [] }
        return members.filter { $0.value["type"]?.text == "array" }.map(\.name)
    }

    @Test func everyArrayOfTheScopeHasAMeaning() throws {
        let names = Self.arrays(try Self.schema()["$defs"]?["Scope"]?["properties"])
        try #require(names.count > 20)
        for name in names {
            let isList = if case .list = ArrayMeaning(at: "request.scope.\(name)") { true } else { false }
            #expect(!isList, "\(name)")
        }
        #expect(Set(ArrayMeaning.scopes) == Set(names).subtracting(["conversations", "interactions"]))
    }

    @Test func theDocumentNamesThem() throws {
        let text = try String(contentsOfFile: TestFiles.package + "/docs/CLI.md", encoding: .utf8)
        let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("| `request.reference.ids`") })
        for name in ArrayMeaning.scopes + ["ids", "labels", "tags", "codes", "links"] {
            #expect(row.contains("`\(name)`") || row.contains(".\(name)`"), "\(name)")
        }
        for path in ["request.reference.tags", "request.resources.links", "request.scope.orders"] {
            #expect(!ArrayMeaning(at: path).isOrdered)
        }
        #expect(ArrayMeaning(at: "request.scope.conversations[].messages").isOrdered)
        #expect(ArrayMeaning(at: "session.channel.metadata").isOrdered)
    }

    @Test(arguments: [("1", "1.0"), ("10", "1e1"), ("-0", "0.00"), ("120e-1", "12"), ("0.5", "5E-1")])
    func numbersAreTheirValues(left: String, right: String) {
        #expect(Self.isSame(left, right))
    }

    @Test(arguments: [
        ("1", "-1"), ("1", "10"), ("12345678901234567890", "12345678901234567891"), ("1e999999999999999", "1"),
    ])
    func noDigitIsRoundedAway(left: String, right: String) {
        #expect(!Self.isSame(left, right))
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        Array(left.utf8).withUnsafeBytes { left in
            Array(right.utf8).withUnsafeBytes { InteractionConversion.Decimal.isSame(left, $0) }
        }
    }
}
