// A path of one step or more: goes down to the records, passes over everything else.

internal import InteractionModel

extension JSONRecordDecoder {
    /// The walk through a document; what it stands in is kept on a stack of its own.
    struct Walk: ~Copyable {
        /// What may come next.
        private enum Expectation {
            /// A value of the input, or its end.
            case top
            case value
            case firstElement
            case laterElement
            case firstKey
            case laterKey
            case colon
            /// A comma, or the end of the container.
            case separator
        }

        /// What a piece of text is that has begun and may not be complete.
        private enum Purpose {
            case record
            case key
            /// A value beside the way, kept as context.
            case member
            /// A value beside the way that is not kept.
            case other
            case comment
        }

        private struct Pending {
            var purpose: Purpose
            /// Where it begins in the window; meaningless once it has been let go.
            var start: Int
            var place: Place
            var extent: Extent
            /// Whether it is too large, so that its bytes are not kept.
            var isLost = false
        }

        /// Faults of the document itself after which its text is no longer believed.
        private static let largestFaultCount = 100

        private let steps: [JSONRecordPath.Step]
        private let largest: Int
        private var window = Window()
        private var expectation = Expectation.top
        /// Whether an array that is a whole document stands for its elements, as it does for the path `$`.
        private let isWrapped: Bool
        /// Such arrays that are open.
        private var openWrappers = 0
        private var pending: Pending?
        private var surroundings = Surroundings()
        private var recorder = Recorder()
        private var recordCount = 0
        private var faultCount = 0
        private var hasNotedJSON5 = false

        init(path: JSONRecordPath, largestRecord: Int) {
            steps = path.steps
            isWrapped = path.steps.first != .all
            largest = largestRecord
        }

        /// Says how many bytes of the input went before the first one.
        mutating func startOffset(_ count: Int) { window.startOffset(count) }

        mutating func decode(
            _ bytes: UnsafeRawBufferPointer,
            isFinal: Bool,
            into batch: inout DecodedBatchBuilder
        ) {
            surroundings.enter(batch)
            window.append(bytes)
            if faultCount < Self.largestFaultCount { walk(isFinal: isFinal, into: &batch) }
            if faultCount >= Self.largestFaultCount { window.position = window.count }
            dropFinishedBytes()
            if isFinal { finish(into: &batch) }
        }

        private mutating func walk(isFinal: Bool, into batch: inout DecodedBatchBuilder) {
            while faultCount < Self.largestFaultCount {
                if pending != nil {
                    guard completePending(isFinal: isFinal, into: &batch) else { return }
                    continue
                }
                window.skipSpace()
                guard let byte = window.current else { return }
                if byte == UInt8(ascii: "/") {
                    guard let kind = window.peek else { return }
                    if kind == UInt8(ascii: "/") || kind == UInt8(ascii: "*") {
                        begin(.comment, Extent(byte, comment: kind))
                        noteJSON5(into: &batch)
                    } else {
                        report(.value, into: &batch)
                        window.position += 1
                    }
                    continue
                }
                accept(byte, into: &batch)
            }
        }

        // MARK: Grammar

        private mutating func accept(_ byte: UInt8, into batch: inout DecodedBatchBuilder) {
            switch expectation {
            case .top:
                switch byte {
                case UInt8(ascii: ","): window.position += 1
                case UInt8(ascii: "[") where isWrapped:
                    window.position += 1
                    openWrappers += 1
                case UInt8(ascii: "]") where openWrappers > 0:
                    window.position += 1
                    openWrappers -= 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"):
                    report(.value, into: &batch)
                    window.position += 1
                default: acceptValue(byte)
                }
            case .value, .firstElement, .laterElement:
                if byte == UInt8(ascii: "]"), expectation != .value, !surroundings.isInObject {
                    if expectation == .laterElement { noteJSON5(into: &batch) }
                    close()
                } else if byte == UInt8(ascii: ":") {
                    report(.value, into: &batch)
                    window.position += 1
                } else if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
                    report(.value, into: &batch)
                    expectation = .separator
                } else {
                    acceptValue(byte)
                }
            case .firstKey, .laterKey:
                if byte == UInt8(ascii: "}") {
                    if expectation == .laterKey { noteJSON5(into: &batch) }
                    close()
                } else if Self.beginsKey(byte) {
                    if byte != UInt8(ascii: "\"") { noteJSON5(into: &batch) }
                    begin(.key, Extent(byte))
                } else {
                    report(.key, into: &batch)
                    recover(byte)
                }
            case .colon:
                if byte == UInt8(ascii: ":") {
                    window.position += 1
                } else {
                    report(.colon, into: &batch)
                }
                expectation = .value
            case .separator:
                acceptSeparator(byte, into: &batch)
            }
        }

        private mutating func acceptSeparator(_ byte: UInt8, into batch: inout DecodedBatchBuilder) {
            let isInObject = surroundings.isInObject
            if byte == UInt8(ascii: ",") {
                window.position += 1
                expectation = isInObject ? .laterKey : .laterElement
            } else if byte == (isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                close()
            } else {
                report(isInObject ? .commaOrBrace : .commaOrBracket, into: &batch)
                recover(byte)
            }
        }

        /// Goes on after a fault of the document, as if what is missing were there.
        private mutating func recover(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "{") where window.isAtLineStart():
                // A value begins, at the start of a line: what went before was cut off.
                surroundings.removeAll()
                expectation = .top
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if surroundings.closeInner(downTo: byte) { close() } else { window.position += 1 }
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                window.position += 1
            default:
                if !surroundings.isInObject {
                    expectation = .laterElement
                } else if Self.beginsKey(byte) {
                    expectation = .laterKey
                } else {
                    begin(.other, Extent(byte))
                }
            }
        }

        private static func beginsKey(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || !Extent.endsScalar(byte)
        }

        private mutating func acceptValue(_ byte: UInt8) {
            let isOnTheWay = surroundings.isOnTheWay(steps)
            let depth = surroundings.depth
            if isOnTheWay, depth == steps.count {
                recordCount += 1
                begin(.record, Extent(byte))
            } else if isOnTheWay, byte == UInt8(ascii: "{") || byte == UInt8(ascii: "["),
                byte == UInt8(ascii: "{") || steps[depth] == .all
            {
                window.position += 1
                surroundings.open(isObject: byte == UInt8(ascii: "{"), key: steps[depth])
                expectation = byte == UInt8(ascii: "{") ? .firstKey : .firstElement
            } else {
                begin(surroundings.takesMember ? .member : .other, Extent(byte))
            }
        }

        private mutating func close() {
            window.position += 1
            surroundings.close()
            expectation = surroundings.depth == 0 ? .top : .separator
        }

        // MARK: Pieces of text

        private mutating func begin(_ purpose: Purpose, _ extent: Extent) {
            let place = window.place(recordCount)
            pending = Pending(purpose: purpose, start: window.position, place: place, extent: extent)
            window.position += extent.headCount
        }

        /// Goes on with what has begun.
        ///
        /// - Returns: Whether it is complete.
        private mutating func completePending(isFinal: Bool, into batch: inout DecodedBatchBuilder) -> Bool {
            guard var piece = pending else { return true }
            // Inside a container the end of the input ends nothing.
            let isComplete = window.advance(&piece.extent, isFinal: isFinal && surroundings.depth == 0)
            let size = window.offset - piece.place.offset
            if size > limit(of: piece.purpose) { piece.isLost = true }
            guard isComplete else {
                pending = piece
                return false
            }
            pending = nil
            let text = window.text(from: piece.isLost ? window.position : piece.start)
            switch piece.purpose {
            case .comment: break
            case .key:
                expectation = .colon
                let fault = surroundings.setKey(piece.isLost ? nil : text)
                if let fault { report(fault, at: piece.place, into: &batch) }
            case .record:
                expectation = .separator
                if piece.isLost {
                    batch.faults.append(piece.place.tooLarge(size))
                } else {
                    let context = surroundings.context(in: &batch)
                    recorder.append(text, at: piece.place, context: context, allowsJSON5: true, into: &batch)
                }
                surroundings.noteRecord()
            case .member, .other:
                expectation = surroundings.depth == 0 ? .top : .separator
                guard piece.purpose == .member, !piece.isLost else {
                    surroundings.leaveOut()
                    return true
                }
                if let fault = surroundings.keepMember(text) { report(fault, at: piece.place, into: &batch) }
            }
            return true
        }

        private func limit(of purpose: Purpose) -> Int64 {
            switch purpose {
            case .record: Int64(largest)
            case .key, .member: Int64(Surroundings.largestMember)
            case .other, .comment: 0
            }
        }

        private mutating func dropFinishedBytes() {
            guard var piece = pending, !piece.isLost else {
                window.drop(upTo: window.position)
                return
            }
            window.drop(upTo: piece.start)
            piece.start = 0
            pending = piece
        }

        // MARK: The end, and faults

        private mutating func finish(into batch: inout DecodedBatchBuilder) {
            if faultCount >= Self.largestFaultCount {
                let message = "\(Self.largestFaultCount) faults of the document; the rest is not read"
                reportCutOff(.invalidJSON, message, into: &batch)
            } else if let piece = pending, piece.purpose == .record {
                batch.faults.append(piece.place.loss(.truncated, "the input ends inside a record"))
            } else if pending != nil || surroundings.depth > 0 || openWrappers > 0 || window.position < window.count {
                reportCutOff(.truncated, "the input ends inside a document", into: &batch)
            }
            guard surroundings.leftOutCount > 0 else { return }
            let count = surroundings.leftOutCount
            batch.faults.append(
                DecodingFault(
                    .outsideRecords,
                    .note,
                    message: "\(count) \(count == 1 ? "value" : "values") outside the records not read: "
                        + "after the records, not on their path, or too large"
                )
            )
        }

        private mutating func reportCutOff(
            _ code: FindingCode,
            _ message: String,
            into batch: inout DecodedBatchBuilder
        ) {
            let place = window.place(0)
            batch.faults.append(
                DecodingFault(
                    code,
                    .error,
                    line: place.line,
                    column: Int(place.offset - place.lineOffset) + 1,
                    offset: place.offset,
                    message: message,
                    remedy: "records after the last complete one are missing; restore the file from its source"
                )
            )
        }

        private mutating func report(_ fault: JSONError.Fault, into batch: inout DecodedBatchBuilder) {
            report(fault, at: window.place(0), into: &batch)
        }

        private mutating func report(_ fault: JSONError.Fault, at place: Place, into batch: inout DecodedBatchBuilder) {
            faultCount += 1
            batch.faults.append(
                DecodingFault(
                    .invalidJSON,
                    .error,
                    line: place.line,
                    column: Int(place.offset - place.lineOffset) + 1,
                    offset: place.offset,
                    message: fault.rawValue
                )
            )
        }

        /// Says once that the document around the records is not strict JSON.
        private mutating func noteJSON5(into batch: inout DecodedBatchBuilder) {
            guard !hasNotedJSON5 else { return }
            hasNotedJSON5 = true
            let place = window.place(0)
            batch.faults.append(
                DecodingFault(
                    .json5Text,
                    .note,
                    line: place.line,
                    column: Int(place.offset - place.lineOffset) + 1,
                    offset: place.offset,
                    message: "read as JSON5 from here on"
                )
            )
        }
    }
}
