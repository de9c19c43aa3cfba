// Writes payloads as XML and CSV in the ways of common serialisers, and converts them.

import Foundation
import InteractionMapping
import InteractionModel
import InteractionSources
import TestSupport

@testable import InteractionConversion

/// How a test writes payloads.
enum LegacyPayloadForm: CaseIterable {
    /// An element for each key, repeated for an array's items.
    case repeatedElements
    /// The same with an element around an array's items, and the kinds of all values.
    case itemElements
    /// A column for each value.
    case columns

    /// Converts payloads that are written in this form.
    func convert(_ records: [JSONValue], _ options: MappingOptions) async throws -> [ConvertedRecord] {
        let worker = LegacyRecordsWorker(options)
        if self == .columns {
            let batch = Self.decode(csv: write(records))
            return await worker.map(batch, as: .columns, file: "memory").records
        }
        let batch = try Self.decode(xml: write(records), at: "records/record")
        return await worker.map(batch, as: .elements, file: "memory").records
    }

    /// Writes payloads as one document or table.
    func write(_ records: [JSONValue]) -> String {
        guard self == .columns else {
            let elements = records.map { $0.xml("record", hasItems: self == .itemElements) }
            return "<records>\n\(elements.joined(separator: "\n"))</records>"
        }
        let rows = records.map(\.flattened)
        var columns: [String] = []
        var known: Set<String> = []
        for cell in rows.joined() where known.insert(cell.path).inserted { columns.append(cell.path) }
        var lines = [columns.map(\.cell).joined(separator: ",")]
        for row in rows {
            let cells = Dictionary(row.map { ($0.path, $0.text) }) { first, _ in first }
            lines.append(columns.map { (cells[$0] ?? "").cell }.joined(separator: ","))
        }
        return lines.joined(separator: "\r\n")
    }

    /// Converts payloads as they are.
    static func json(_ lines: [[UInt8]], _ options: MappingOptions) async throws -> [ConvertedRecord] {
        var conversion = ConversionOptions()
        conversion.mapping = options
        var records: [ConvertedRecord] = []
        for try await record in Converter(conversion).records(of: Array(lines.joined(separator: [0x0A]))) {
            records.append(record)
        }
        return records
    }

    static func decode(xml: String, at path: String) throws -> DecodedBatch {
        var decoder = MarkupDecoder(path: try MarkupPath(path), markup: [], encoding: nil, largestRecord: 64 << 20)
        var builder = DecodedBatchBuilder()
        var text = xml
        text.withUTF8 { decoder.decode(UnsafeRawBufferPointer($0), isFinal: false, into: &builder) }
        decoder.decode(UnsafeRawBufferPointer(start: nil, count: 0), isFinal: true, into: &builder)
        return builder.seal()
    }

    static func decode(csv: String) -> DecodedBatch {
        var decoder = DelimitedDecoder(dialect: DelimitedDialect(), largestRecord: 64 << 20)
        var builder = DecodedBatchBuilder()
        var text = csv
        text.withUTF8 { decoder.decode(UnsafeRawBufferPointer($0), isFinal: true, into: &builder) }
        return builder.seal()
    }
}

extension ConvertedBatch {
    /// The records one by one.
    var records: [ConvertedRecord] {
        outcomes.map { ConvertedRecord(outcome: $0, interactions: $0.outputs.map { interaction($0) }) }
    }
}

extension TestFiles {
    /// The lines of a file.
    static func lines(_ path: String) throws -> [[UInt8]] {
        try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A).map { Array($0) }
    }
}

extension String {
    fileprivate var cell: String { "\"" + replacing("\"", with: "\"\"") + "\"" }

    fileprivate var escaped: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\r": text += "&#13;"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension JSONValue {
    fileprivate var scalar: (kind: String, text: String) {
        switch self {
        case .null: ("null", "")
        case .bool(let value): ("bool", value ? "true" : "false")
        case .number(let text): ("float", text)
        case .string(let text): ("str", text)
        case .array: ("list", "")
        case .object: ("dict", "")
        }
    }

    /// The value as an element, or as several.
    fileprivate func xml(_ name: String, hasItems: Bool) -> String {
        // Text needs no kind, and blank text beside an attribute is not read.
        let type = hasItems && text == nil ? #" type="\#(scalar.kind)""# : ""
        switch self {
        case .null where !hasItems: return ""
        case .array(let items) where !hasItems: return items.map { $0.xml(name, hasItems: false) }.joined()
        case .array(let items):
            return "<\(name)\(type)>\(items.map { $0.xml("item", hasItems: true) }.joined())</\(name)>"
        case .object(let members):
            let inner = members.map { $0.value.xml($0.name, hasItems: hasItems) }.joined()
            return "<\(name)\(type)>\(inner)</\(name)>"
        default: return "<\(name)\(type)>\(scalar.text.escaped)</\(name)>"
        }
    }

    /// The leaves with their paths.
    fileprivate var flattened: [(path: String, text: String)] {
        switch self {
        case .object(let members):
            members.flatMap { member in
                member.value.flattened.map { leaf in
                    let isStep = !leaf.path.isEmpty && !leaf.path.hasPrefix("[")
                    return (member.name + (isStep ? "." : "") + leaf.path, leaf.text)
                }
            }
        case .array(let items):
            items.enumerated().flatMap { index, item in
                item.flattened.map { leaf in
                    let isStep = !leaf.path.isEmpty && !leaf.path.hasPrefix("[")
                    return ("[\(index)]" + (isStep ? "." : "") + leaf.path, leaf.text)
                }
            }
        default: [("", scalar.text)]
        }
    }

    /// The value without what a table cannot say: kinds, and what is empty.
    var withoutKinds: JSONValue {
        switch self {
        case .object(let members):
            .object(
                members.map { Member($0.name, $0.value.withoutKinds) }.filter { $0.value != .string("") }
                    .sorted { $0.name < $1.name }
            ).emptyAsText
        case .array(let items): JSONValue.array(items.map(\.withoutKinds).filter { $0 != .string("") }).emptyAsText
        default: .string(scalar.text)
        }
    }

    private var emptyAsText: JSONValue { self == .object([]) || self == .array([]) ? .string("") : self }

    /// The Interaction without the id that comes from its bytes, and in one order what came from several places.
    var withoutDerivedIds: JSONValue {
        var value = self
        value["request"]?["requestId"] = nil
        for (section, list) in [("reference", "ids"), ("resources", "offers")] {
            guard let items = value["request"]?[section]?[list] else { continue }
            let sorted = items.elements.sorted { $0.json.lexicographicallyPrecedes($1.json) }
            value["request"]?[section]?[list] = .array(sorted)
        }
        return value
    }

    /// The value with the only item in place of any array of one, which repeated elements cannot tell apart.
    var withoutSingleItems: JSONValue {
        switch self {
        case .object(let members): .object(members.map { Member($0.name, $0.value.withoutSingleItems) })
        case .array(let items) where items.count == 1: items[0].withoutSingleItems
        case .array(let items): .array(items.map(\.withoutSingleItems))
        default: self
        }
    }

    /// The first path at which two values differ, with both.
    func difference(from other: JSONValue, at path: String = "") -> String? {
        switch (self, other) {
        case (.object, .object(let members)):
            guard case .object(let own) = self else { return nil }
            for name in Set(own.map(\.name) + members.map(\.name)).sorted() {
                guard let left = self[name], let right = other[name] else {
                    return "\(path).\(name) is only in \(self[name] == nil ? "the JSON" : "this"): "
                        + String(decoding: (self[name] ?? other[name])?.json ?? [], as: UTF8.self)
                }
                if let found = left.difference(from: right, at: "\(path).\(name)") { return found }
            }
            return nil
        case (.array(let own), .array(let items)) where own.count == items.count:
            for (index, (left, right)) in zip(own, items).enumerated() {
                if let found = left.difference(from: right, at: "\(path)[\(index)]") { return found }
            }
            return nil
        default:
            if self == other { return nil }
            return "\(path): \(String(decoding: json, as: UTF8.self)) instead of "
                + String(decoding: other.json, as: UTF8.self)
        }
    }
}
