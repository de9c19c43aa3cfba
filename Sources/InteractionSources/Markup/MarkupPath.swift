// Where the records of an XML document are: a few steps of element names.

/// A path such as `smses/sms|mms`, `*/chat`, `//message` or `/`: local names, no predicates and no axes.
///
/// `|` separates names of one step, `*` is any name, a leading `//` any depth, and `/` alone the root element. Of
/// records inside each other the outer one counts.
package struct MarkupPath: Sendable, Hashable {
    /// One step down.
    package enum Step: Sendable, Hashable {
        /// An element with one of these local names.
        case named([String])
        /// Any element.
        case any
    }

    /// Why a text is no path that can be followed.
    package struct Fault: Error, Sendable, Hashable {
        /// Offset in bytes in the path's text.
        package let offset: Int
        /// What is wrong there.
        package let message: String
    }

    /// As many steps as fit into a matcher's word.
    package static let largestStepCount = 32

    /// The steps from the root element, or from any element.
    package let steps: [Step]
    /// Whether the first step may be at any depth.
    package let isAnywhere: Bool

    /// Reads a path.
    ///
    /// - Parameter text: The path.
    /// - Throws: Where and why the text is no path of this kind.
    package init(_ text: String) throws(Fault) {
        if text == "/" {
            (steps, isAnywhere) = ([.any], false)
            return
        }
        isAnywhere = text.hasPrefix("//")
        var offset = isAnywhere ? 2 : text.hasPrefix("/") ? 1 : 0
        var steps: [Step] = []
        for step in text.utf8.dropFirst(offset).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard !step.isEmpty else { throw Fault(offset: offset, message: "expected the name of an element") }
            steps.append(try Self.step(step, at: offset))
            offset += step.count + 1
        }
        guard steps.count <= Self.largestStepCount else {
            throw Fault(offset: 0, message: "more than \(Self.largestStepCount) steps")
        }
        self.steps = steps
    }

    private static func step(_ text: Substring.UTF8View, at start: Int) throws(Fault) -> Step {
        if text.elementsEqual("*".utf8) { return .any }
        var offset = start
        var names: [String] = []
        for name in text.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false) {
            if let odd = name.firstIndex(where: { !isNameByte($0) }) {
                let distance = name.distance(from: name.startIndex, to: odd)
                let message = name[odd] == UInt8(ascii: ":") ? "names have no prefix here" : "no part of a name"
                throw Fault(offset: offset + distance, message: message)
            }
            guard let first = name.first, first >= UInt8(ascii: "A") else {
                throw Fault(offset: offset, message: "expected the name of an element")
            }
            names.append(String(decoding: name, as: UTF8.self))
            offset += name.count + 1
        }
        return .named(names)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...,
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

extension MarkupPath: CustomStringConvertible {
    /// The path as its author would write it.
    package var description: String {
        if !isAnywhere, steps == [.any] { return "/" }
        let names = steps.map { step in
            switch step {
            case .any: "*"
            case .named(let names): names.joined(separator: "|")
            }
        }
        return (isAnywhere ? "//" : "") + names.joined(separator: "/")
    }
}

/// Follows a path down the open elements; how far each of them got is one word.
struct MarkupMatcher: Sendable {
    /// Bit *n* says that the first *n* steps have been taken.
    typealias Progress = UInt64

    /// The progress above the root element.
    static let start: Progress = 1

    /// The names of each step; none means any.
    private let steps: [[[UInt8]]]
    private let isAnywhere: Bool

    /// Prepares a path.
    init(_ path: MarkupPath) {
        steps = path.steps.map { step in
            switch step {
            case .any: []
            case .named(let names): names.map { Array($0.utf8) }
            }
        }
        isAnywhere = path.isAnywhere
    }

    /// Prepares to find nothing.
    init() {
        steps = [[[]]]
        isAnywhere = false
    }

    /// Goes down to an element.
    ///
    /// - Parameters:
    ///   - progress: Of its parent.
    ///   - name: Its local name.
    ///   - wildcard: The one name that fits a step of any name; nil if every name does.
    /// - Returns: The element's progress.
    func advance(_ progress: Progress, _ name: UnsafeBufferPointer<UInt8>, wildcard: [UInt8]? = nil) -> Progress {
        var reached: Progress = isAnywhere ? Self.start : 0
        for (index, names) in steps.enumerated() where progress &>> index & 1 != 0 {
            let fits =
                names.isEmpty ? wildcard.map(name.elementsEqual) ?? true : names.contains { name.elementsEqual($0) }
            if fits { reached |= 1 &<< (index + 1) }
        }
        return reached
    }

    /// Whether an element with this progress is a record.
    func isRecord(_ progress: Progress) -> Bool { progress &>> steps.count & 1 != 0 }

    /// Whether an element with this progress is one of the path's steps.
    func isOnPath(_ progress: Progress) -> Bool { progress & ~Self.start != 0 }
}
