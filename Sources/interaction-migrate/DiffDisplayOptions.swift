// The options of `diff` that say how differences are shown.

internal import ArgumentParser
internal import InteractionConversion

/// How differences are shown.
enum DiffFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case jsonPatch = "json-patch"
}

/// What is shown of a difference.
struct DiffDisplayOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "For people, one object for each place, or one RFC 6902 patch for each Interaction.",
            valueName: "text|json|json-patch"
        )
    )
    var format: DiffFormat = .text

    @Flag(help: "Group all differences by path and cause, the most frequent first.")
    var summary = false

    @Flag(help: "Show old and new in two columns.")
    var sideBySide = false

    @Option(help: ArgumentHelp("Values shown before and after those that differ.", valueName: "n"))
    var context: Int = 3

    @Flag(help: "Show texts and personal values as they are; a patch is of no use without them.")
    var showContent = false

    mutating func validate() throws {
        guard context >= 0 else { throw ValidationError("--context must be 0 or more.") }
        guard format != .jsonPatch || showContent else {
            throw ValidationError("--format json-patch holds the values themselves and needs --show-content.")
        }
        guard !summary || format != .jsonPatch && !sideBySide else {
            throw ValidationError("--summary has no patches and no columns.")
        }
        guard !sideBySide || format == .text else { throw ValidationError("--side-by-side is for --format text.") }
    }

    /// Carries the choices over.
    func apply(to options: inout DiffOptions) {
        options.showsContent = showContent
        options.writesPatch = format == .jsonPatch
        options.keepsSame = format == .text && !summary && context > 0
    }
}
