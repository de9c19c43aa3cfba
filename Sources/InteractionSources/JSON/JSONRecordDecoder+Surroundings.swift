// What a record stands in: the containers on the way to it, and the members that they had before it.

internal import InteractionModel

extension JSONRecordDecoder {
    /// The open containers, with what is known of the objects among them.
    struct Surroundings: ~Copyable {
        /// The size in bytes up to which a member is kept.
        static let largestMember = 64 << 10
        /// How many members of an object are kept.
        private static let largestMemberCount = 64

        private struct Container {
            var isObject: Bool
            /// Whether each member is on the way, so that its name is worth knowing.
            var namesMembers: Bool
            /// The members so far: `"key":value,` and so on.
            var members: [UInt8] = []
            var memberCount = 0
            /// The key at hand in canonical quotes; empty where there is none.
            var key: [UInt8] = []
            var hasRecords = false
        }

        private var containers: [Container] = []
        private var tape = JSONTape()
        // What lies at the depth limit may stand a few levels deeper here.
        private var contextTape = JSONTape(depthLimit: 1024)
        private var hasChanged = false
        /// Where the batch at hand has the surroundings as they are.
        private var index: Int?
        /// Values that no record shows.
        private(set) var leftOutCount = 0

        var depth: Int { containers.count }
        var isInObject: Bool { containers.last?.isObject ?? false }

        /// Forgets where the batch has the surroundings if it is a new one.
        mutating func enter(_ batch: borrowing DecodedBatchBuilder) {
            if let known = index, known >= batch.contexts.count { index = nil }
        }

        // MARK: On the way

        mutating func open(isObject: Bool, key: JSONRecordPath.Step) {
            containers.append(Container(isObject: isObject, namesMembers: isObject && key == .all))
            hasChanged = true
        }

        mutating func close() {
            containers.removeLast()
            hasChanged = true
        }

        /// Closes what stands inside the innermost container that ends with this byte.
        ///
        /// - Parameter byte: A closing bracket or brace.
        /// - Returns: Whether there is such a container.
        mutating func closeInner(downTo byte: UInt8) -> Bool {
            let isObject = byte == UInt8(ascii: "}")
            guard let last = containers.lastIndex(where: { $0.isObject == isObject }) else { return false }
            containers.removeLast(containers.count - 1 - last)
            return true
        }

        mutating func removeAll() {
            containers.removeAll()
            hasChanged = true
        }

        /// Whether the value at hand is where the path leads.
        func isOnTheWay(_ steps: [JSONRecordPath.Step]) -> Bool {
            guard let container = containers.last else { return true }
            switch steps[containers.count - 1] {
            case .all: return true
            case .member(let name): return container.isObject && hasKey(name)
            }
        }

        private func hasKey(_ name: String) -> Bool {
            let inside = containers[containers.count - 1].key.dropFirst().dropLast()
            guard inside.contains(UInt8(ascii: "\\")) else { return inside.elementsEqual(name.utf8) }
            return inside.withUnsafeBufferPointer { inside in
                guard let start = inside.baseAddress else { return name.isEmpty }
                let text = TextSlice(start: start, count: inside.count, form: .escaped)
                return text.unescaped().elementsEqual(name.utf8)
            }
        }

        // MARK: Members

        /// Takes the key of the member at hand.
        ///
        /// - Parameter text: The key as it is written, followed by readable padding; nil for one that is too long.
        /// - Returns: What is wrong with it; the member is passed over then.
        mutating func setKey(_ text: UnsafeRawBufferPointer?) -> JSONError.Fault? {
            let last = containers.count - 1
            containers[last].key.removeAll(keepingCapacity: true)
            if containers[last].namesMembers { hasChanged = true }
            guard let text, let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
            if start.pointee == UInt8(ascii: "\"") {
                do {
                    try tape.scan(start, count: text.count)
                    containers[last].key.append(contentsOf: text)
                    return nil
                } catch {
                    return error.fault
                }
            }
            var object: [UInt8] = []
            do {
                _ = try (Array("{".utf8) + text + Array(":0}".utf8)).withUnsafeBytes { (text) throws(JSON5Error) in
                    try JSON5Normalizer.normalize(text, into: &object)
                }
                containers[last].key.append(contentsOf: object.dropFirst().dropLast(3))
                return nil
            } catch {
                return .key
            }
        }

        /// Whether the value at hand is to be kept for the records to come.
        var takesMember: Bool {
            guard let object = containers.last, object.isObject, !object.key.isEmpty else { return false }
            return object.memberCount < Self.largestMemberCount
        }

        /// Keeps a member's value.
        ///
        /// - Parameter text: The value, followed by readable padding.
        /// - Returns: What is wrong with it; it is left out then.
        mutating func keepMember(_ text: UnsafeRawBufferPointer) -> JSONError.Fault? {
            let last = containers.count - 1
            if containers[last].hasRecords { leftOutCount += 1 }
            let mark = containers[last].members.count
            containers[last].members += containers[last].key
            containers[last].members.append(UInt8(ascii: ":"))
            do {
                guard let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return .value }
                try tape.scan(start, count: text.count)
                containers[last].members.append(contentsOf: text)
            } catch {
                guard (try? JSON5Normalizer.normalize(text, into: &containers[last].members)) != nil else {
                    containers[last].members.removeLast(containers[last].members.count - mark)
                    return error.fault
                }
            }
            containers[last].members.append(UInt8(ascii: ","))
            containers[last].memberCount += 1
            hasChanged = true
            return nil
        }

        mutating func leaveOut() { leftOutCount += 1 }

        mutating func noteRecord() {
            for index in containers.indices { containers[index].hasRecords = true }
        }

        // MARK: As a tape

        /// Puts the surroundings into the batch, unless it has them as they are.
        ///
        /// - Returns: Their index; nil where no object surrounds the record.
        mutating func context(in batch: inout DecodedBatchBuilder) -> Int? {
            if let index, !hasChanged { return index }
            hasChanged = false
            index = nil
            var text: [UInt8]?
            for container in containers where container.isObject {
                var object = [UInt8(ascii: "{")] + container.members
                if container.namesMembers { object += Array("\"#key\":".utf8) + container.key + [UInt8(ascii: ",")] }
                if let outer = text { object += Array("\"^\":".utf8) + outer + [UInt8(ascii: ",")] }
                if object.last == UInt8(ascii: ",") { object.removeLast() }
                text = object + [UInt8(ascii: "}")]
            }
            guard let text else { return nil }
            let padded = PaddedBytes(text)
            guard (try? contextTape.scan(padded.start, count: padded.count)) != nil else { return nil }
            batch.tape.append(
                scanned: contextTape,
                of: UnsafeRawBufferPointer(start: padded.start, count: padded.count)
            )
            batch.contexts.append((firstNode: batch.tape.recordStart, textStart: batch.tape.textStart))
            index = batch.contexts.count - 1
            return index
        }
    }
}
