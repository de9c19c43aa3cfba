// A profile proposed from a sample: `profiles new`.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// A proposed profile; every guess in it says why, and what is left to a person is marked.
package struct ProfileSketch {
    /// The profile, which ``Profile/read(_:file:)`` takes.
    package let yaml: String
    /// How many places are marked `TODO`.
    package let openQuestions: Int
    /// Records and messages that were looked at.
    package let recordCount: Int
    package let messageCount: Int
    /// A built-in profile that reads the sample already.
    package let builtIn: String?

    /// Proposes a profile.
    ///
    /// - Parameters:
    ///   - path: The sample; `-` is standard input. Of a folder or archive, the first file.
    ///   - name: What to call the profile; nil takes it from the sample's name.
    ///   - showsContent: Whether reasons may quote values of the sample.
    /// - Throws: ``ProfileFailure`` for a sample that cannot be read, or in which nothing is recognised.
    package init(sample path: String, name: String?, showsContent: Bool) throws(ProfileFailure) {
        let head: [UInt8]
        var isConverted = false
        do {
            guard let member = try InputContainer.members(of: [path]).first else {
                throw ProfileFailure(lines: ["\(path): there is no file in it"])
            }
            let input = OpenedInput(ConversionOptions(), isCancelled: { false })
            try input.open(member)
            head = try input.peek(SketchSample.size, isPatient: true)
            isConverted = input.encoding.map { $0 != .utf8 } ?? false
        } catch let error as SourceError {
            throw ProfileFailure(lines: [error.description])
        } catch let error as ProfileFailure {
            throw error
        } catch {
            throw ProfileFailure(lines: ["\(error)"])
        }
        let isWhole = head.count + InputDecoder.minimumOutput <= SketchSample.size
        guard let sample = SketchSample(head, isWhole: isWhole, encoding: isConverted ? "UTF-8" : nil) else {
            throw ProfileFailure(lines: ["\(path): it is neither JSON nor XML nor a table with a header"])
        }
        guard sample.messageCount > 0 else {
            throw ProfileFailure(lines: ["\(path): there is nothing in it that could be messages"])
        }
        var proposal = SketchProposal(sample, name: name ?? Self.name(of: path), showsContent: showsContent)
        proposal.write()
        yaml = proposal.out.text
        openQuestions = proposal.out.openQuestions
        recordCount = sample.recordCount
        messageCount = sample.messageCount
        let format = head.withUnsafeBytes { FormatDetector(only: nil).format(of: $0) }
        if case .content(let name, _, _) = format { builtIn = name } else { builtIn = nil }
    }

    /// A profile's name out of a file's.
    private static func name(of path: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        let stem = file.prefix { $0 != "." }.lowercased()
        let words = stem.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return words.isEmpty ? "new-format" : words.joined(separator: "-")
    }
}
