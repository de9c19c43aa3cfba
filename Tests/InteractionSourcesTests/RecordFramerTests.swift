// Cutting bytes into records: the same records however the bytes arrive.

import TestSupport
import Testing

@testable import InteractionSources

@Suite
struct RecordFramerTests {
    // MARK: Each input, whole and in pieces

    @Test(arguments: FramerCase.all)
    func recordsDoNotDependOnHowTheBytesArrive(_ sample: FramerCase) {
        let whole = FramedInput(sample.bytes, layout: sample.layout)
        #expect(whole.texts == sample.records, "\(sample.name)")
        #expect(whole.endsInsideArray == sample.endsInsideArray)
        #expect(FramedInput(sample.bytes, layout: sample.layout, step: { 1 }) == whole, "byte by byte")
        var random = SeededRandom(seed: 1)
        for round in 0..<60 {
            let pieces = FramedInput(sample.bytes, layout: sample.layout) { Int.random(in: 1...9, using: &random) }
            #expect(pieces == whole, "random cuts, round \(round)")
        }
    }

    @Test(arguments: FramerCase.all)
    func aCutInputGivesTheSameRecordsUpToTheCut(_ sample: FramerCase) {
        guard let layout = FramedInput(sample.bytes, layout: sample.layout).layout else { return }
        let whole = FramedInput(sample.bytes, layout: layout)
        for length in 0...sample.bytes.count {
            let cut = Array(sample.bytes[..<length])
            let framed = FramedInput(cut, layout: layout)
            #expect(framed == FramedInput(cut, layout: layout, step: { 1 }), "cut at \(length)")
            // A record that was complete before the cut is there unchanged.
            let complete = whole.records.filter { $0.range.upperBound < length }
            #expect(Array(framed.records.prefix(complete.count)) == complete, "cut at \(length)")
            #expect(framed.records.count <= complete.count + 1, "cut at \(length)")
        }
    }

    @Test
    func numbersOffsetsAndLinesSayWhereARecordIs() {
        let input = FramedInput(text: "{\"a\":1}\r\n\n  \n[2]\n\"x\"", layout: .lines, startOffset: 3)
        #expect(input.records.map(\.number) == [1, 2, 3])
        #expect(input.records.map(\.range) == [3..<11, 16..<19, 20..<23])
        #expect(input.records.map(\.line) == [1, 4, 5])
        let document = FramedInput(text: "[\n {\"a\":\n1}\n,\n7]", layout: .document)
        #expect(document.records.map(\.range) == [3..<11, 14..<15])
        #expect(document.records.map(\.line) == [2, 5])
    }

    // MARK: How the layout is found

    @Test(arguments: [
        ("{\"a\":1}\n{\"b\":2}\n", RecordLayout.lines), ("\n \n{\"a\":1}\nbroken", .lines),
        ("{\"a\":1}\r\n\r\n7", .lines),
        ("[1]\n[2]", .lines), ("{\"a\":1}\n", .document), ("{\"a\":1}\n \n\n", .document), ("{\"a\":1}", .document),
        ("{\n\"a\":1}\n{}", .document), ("[{\"a\":1},\n{}]", .document), ("{a:1}\n{b:2}", .document),
        ("{} {}\n{}", .document),
        ("", .document), (" \n\n", .document), ("// x\n{}", .document),
    ])
    func linesAreTakenForLinesOnlyIfTheFirstIsComplete(_ text: String, _ layout: RecordLayout) {
        #expect(FramedInput(text: text).decided == layout, "\(text)")
        #expect(FramedInput(Array(text.utf8), step: { 1 }).decided == layout, "\(text), byte by byte")
    }

    @Test
    func theSearchForTheFirstLineIsBounded() {
        // The line feed lies beyond what is looked at, however much of it arrives at once.
        let long = "{\"a\":\"" + String(repeating: "x", count: RecordFramer.sniffBytes) + "\"}\n"
        for step in [1 << 16, 99_991] {
            let input = FramedInput(Array((long + "{}\n").utf8), step: { step })
            #expect(input.decided == .document)
            #expect(input.records.count == 2)
        }
        var peak = 0
        let blank = FramedInput(
            [UInt8](repeating: 0x0A, count: 3 * RecordFramer.sniffBytes),
            step: { 1 << 18 },
            held: { peak = max(peak, $0) }
        )
        #expect(blank.records.isEmpty)
        #expect(peak < 3 * RecordFramer.sniffBytes, "blank lines must not pile up in memory: \(peak)")
    }

    // MARK: Large records

    @Test(arguments: [RecordLayout.lines, .document])
    func aRecordLargerThanABlockIsWhole(_ layout: RecordLayout) {
        let large = "{\"a\":\"" + String(repeating: "é\\\" ", count: 200_000) + "\"}"
        let text = "{\"b\":1}\n" + large + "\n{\"c\":2}\n"
        let input = FramedInput(text: text, layout: layout)
        #expect(input.texts == ["{\"b\":1}", large, "{\"c\":2}"])
        #expect(FramedInput(Array(text.utf8), layout: layout, step: { 4093 }) == input)
    }

    @Test(arguments: [RecordLayout.lines, .document])
    func aRecordOverTheLimitIsPassedOverWhereverTheReadsFall(_ layout: RecordLayout) {
        let head = "{\"a\":1}\n"
        let large = "{\"b\":\"" + String(repeating: "\\\"]}", count: 40) + "\",\"c\":[1,{}]}"
        let text = head + large + "\n{\"d\":4}\n"
        let limit = large.utf8.count - 1
        for step in [1, 2, 7, 64, 1 << 16] {
            let input = FramedInput(Array(text.utf8), layout: layout, limit: limit, step: { step })
            #expect(input.texts == ["{\"a\":1}", "", "{\"d\":4}"], "in steps of \(step)")
            #expect(input.records.map(\.number) == [1, 2, 3])
            let range = Int64(head.utf8.count)..<Int64(head.utf8.count + large.utf8.count)
            #expect(input.records.map(\.oversized) == [nil, range, nil], "in steps of \(step)")
        }
        // One byte more, and it is an ordinary record.
        #expect(FramedInput(Array(text.utf8), layout: layout, limit: limit + 1, step: { 1 }).texts.count == 3)
        #expect(FramedInput(Array(text.utf8), layout: layout, limit: limit + 1).texts[1] == large)
    }

    @Test
    func theRecordAfterALargeOneOfManyLinesIsFound() {
        let large = "{\n\"b\": [\n" + String(repeating: "{\"x\": \"}\"},\n", count: 50) + "{}]\n}"
        let text = "[{\"a\":1},\n" + large + ",\n{\"d\":4}]"
        for step in [1, 13, 1 << 16] {
            let input = FramedInput(Array(text.utf8), layout: .document, limit: 100, step: { step })
            #expect(input.texts == ["{\"a\":1}", "", "{\"d\":4}"], "in steps of \(step)")
            #expect(!input.endsInsideArray)
        }
    }

    @Test
    func aBlankLineOverTheLimitIsNoRecord() {
        let text = "1\n" + String(repeating: " ", count: 500) + "\r\n2\n" + String(repeating: " ", count: 300) + "x\n3"
        for step in [1, 50, 1 << 16] {
            let input = FramedInput(Array(text.utf8), layout: .lines, limit: 100, step: { step })
            #expect(input.texts == ["1", "2", "", "3"], "in steps of \(step)")
        }
    }

    @Test(arguments: [RecordLayout.lines, .document])
    func memoryIsBoundedByTheLimit(_ layout: RecordLayout) {
        let large = "\"" + String(repeating: "x", count: 8 << 20) + "\"\n7\n"
        var peak = 0
        let input = FramedInput(
            Array(large.utf8),
            layout: layout,
            limit: 1 << 20,
            step: { 1 << 18 },
            held: { peak = max(peak, $0) }
        )
        #expect(input.texts == ["", "7"])
        #expect(peak < 4 << 20, "\(peak) bytes held")
    }
}

/// An input, and the records it should be cut into.
struct FramerCase: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    var layout: RecordLayout?
    var records: [String]
    var endsInsideArray = false

    var bytes: [UInt8] { Array(text.utf8) }
    var testDescription: String { name }

    static let all = [
        FramerCase(name: "empty", text: "", records: []),
        FramerCase(name: "blank", text: " \r\n\t\n", records: []),
        FramerCase(name: "lines", text: "{\"a\":1}\n{\"b\":2}\n", records: [#"{"a":1}"#, #"{"b":2}"#]),
        FramerCase(
            name: "lines with CRLF, blank ones, and no end",
            text: "{\"a\":1}\r\n\r\n  \n{\"b\":[\n]}\n[1,2]\nnull",
            records: [#"{"a":1}"#, #"{"b":["#, "]}", "[1,2]", "null"]
        ),
        FramerCase(name: "forced lines", text: "[{\n},\n//x\n\"", layout: .lines, records: ["[{", "},", "//x", "\""]),
        FramerCase(name: "one document", text: "{\n\"a\": {\"b\": [1]}\n}\n", records: ["{\n\"a\": {\"b\": [1]}\n}"]),
        FramerCase(
            name: "array",
            text: "[{\"a\":1} , {\"b\":2},\n7,\"x,]\"]",
            records: [#"{"a":1}"#, #"{"b":2}"#, "7", "\"x,]\""]
        ),
        FramerCase(name: "nested arrays", text: "[[1,[2]],[],[{}]]", records: ["[1,[2]]", "[]", "[{}]"]),
        FramerCase(
            name: "concatenated",
            text: "{}{\"a\":\"}{\"}\n[1]{ }",
            records: ["{}", #"{"a":"}{"}"#, "1", "{ }"]
        ),
        FramerCase(
            name: "array without an end",
            text: "[{},{\"a\":[1]",
            records: ["{}", #"{"a":[1]"#],
            endsInsideArray: true
        ),
        FramerCase(
            name: "comments between records",
            text: "// [ \" {\n[ /* ] ' ** */ {a:1}, // }\r{b:2} /*/ { /*/ ]",
            records: ["{a:1}", "{b:2}"]
        ),
        FramerCase(
            name: "comments inside records",
            text: "{a:1, // }] \"\n b:/* }' */2}\n{c: 1 / 2, d:'//'}",
            records: ["{a:1, // }] \"\n b:/* }' */2}", "{c: 1 / 2, d:'//'}"]
        ),
        FramerCase(
            name: "comments after scalars",
            text: "1 /* { */,2 // [\n3/",
            layout: .document,
            records: ["1 /* { */", "2 // [", "3/"]
        ),
        FramerCase(
            name: "quotes",
            text: #"{a:'it\'s "}"', "b":"\\", c:"\"'}"}"# + "\n" + #"{d:'\\'}"#,
            records: [#"{a:'it\'s "}"', "b":"\\", c:"\"'}"}"#, #"{d:'\\'}"#]
        ),
        FramerCase(
            name: "escapes around words",
            text: (0..<20).map { "{\"k\":\"" + String(repeating: "x", count: $0) + "\\\"\\\\\"}" }.joined(
                separator: "\n,"
            ),
            layout: .document,
            records: (0..<20).map { "{\"k\":\"" + String(repeating: "x", count: $0) + "\\\"\\\\\"}" }
        ),
        FramerCase(
            name: "stray brackets",
            text: "]{\"a\":1}\n}}\n{\"b\":2}",
            layout: .document,
            records: ["]", #"{"a":1}"#, "}}", #"{"b":2}"#]
        ),
        FramerCase(
            name: "a bad record among good ones",
            text: "[{\"a\":1},{\"b\" 2,},nonsense,{\"c\":3}]",
            records: [#"{"a":1}"#, #"{"b" 2,}"#, "nonsense", #"{"c":3}"#]
        ),
        FramerCase(
            name: "a bad line among good ones",
            text: "{\"a\":1}\n{\"b\":\"\n{\"c\":3}\n",
            records: [#"{"a":1}"#, #"{"b":""#, #"{"c":3}"#]
        ),
        FramerCase(
            name: "not UTF-8 looking text",
            text: "{\"é\":\"日\u{1F600}\"}\u{2028}{}",
            layout: .document,
            records: ["{\"é\":\"日\u{1F600}\"}", "\u{2028}", "{}"]
        ),
    ]
}

/// What the framer made of an input.
struct FramedInput: Equatable {
    struct Record: Equatable {
        var number: Int
        var range: Range<Int64>
        var text: [UInt8]
        var line: Int
        var oversized: Range<Int64>?
    }

    var records: [Record] = []
    var layout: RecordLayout?
    var endsInsideArray = false
    /// The layout that was chosen: of an input without records, by what a further record would be.
    var decided: RecordLayout?

    /// The records without the white space that may surround one.
    var texts: [String] {
        records.map { record in
            let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
            let head = record.text.drop(while: isSpace)
            let tail = head.reversed().prefix(while: isSpace).count
            return String(decoding: head.dropLast(tail), as: UTF8.self)
        }
    }

    init(text: String, layout: RecordLayout? = nil, startOffset: Int = 0) {
        self.init(Array(text.utf8), layout: layout, startOffset: startOffset)
    }

    init(
        _ bytes: [UInt8],
        layout: RecordLayout? = nil,
        limit: Int = 64 << 20,
        startOffset: Int = 0,
        step: () -> Int = { Int.max },
        held: (Int) -> Void = { _ in }
    ) {
        var framer = RecordFramer(layout: layout, largestRecord: limit)
        framer.startOffset(startOffset)
        var position = 0
        var delivered = 0
        while position < bytes.count {
            position += framer.withSpace { space in
                let count = min(step(), space.count, bytes.count - position)
                bytes.withUnsafeBytes { all in
                    space.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[position..<position + count]))
                }
                return count
            }
            while let batch = framer.nextBatch(isFinal: false) {
                take(batch, bytes, startOffset)
                delivered = Int(batch.offset) - startOffset + batch.count
            }
            held(framer.block.capacity)
        }
        while let batch = framer.nextBatch(isFinal: true) { take(batch, bytes, startOffset) }
        endsInsideArray = framer.endsInsideArray
        decided = framer.layout
        #expect(delivered <= bytes.count)
    }

    private mutating func take(_ batch: RecordBatch, _ bytes: [UInt8], _ startOffset: Int) {
        layout = batch.layout
        for span in batch.records {
            let range = batch.offset + Int64(span.start)..<batch.offset + Int64(span.end)
            let text = Array(batch.bytes(of: span))
            let source = Int(range.lowerBound) - startOffset..<Int(range.upperBound) - startOffset
            #expect(text.elementsEqual(bytes[source]), "a record's bytes are not the source's")
            let line = 1 + bytes[..<source.lowerBound].count { $0 == 0x0A }
            let lineInBatch =
                batch.line
                + Array(batch.bytes(of: RecordSpan(start: 0, end: span.start, number: 0))).count { $0 == 0x0A }
            #expect(line == lineInBatch, "a batch's line is wrong")
            records.append(Record(number: span.number, range: range, text: text, line: line, oversized: span.oversized))
        }
    }
}
