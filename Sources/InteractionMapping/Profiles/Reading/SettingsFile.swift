// YAML files that say nothing but names and values, such as the job of a submission.

/// One name with its values, and where they stand.
package struct Setting: Sendable, Hashable {
    /// A value as it is written.
    package struct Value: Sendable, Hashable {
        package var text: String
        /// From 1.
        package var line: Int
        /// From 1, in characters.
        package var column: Int
    }

    package var name: String
    /// From 1.
    package var line: Int
    /// From 1, in characters.
    package var column: Int
    package var values: [Value]
    /// Whether the values stand in a list.
    package var isList: Bool
}

extension Setting {
    /// Reads a map of names to texts, or to lists of texts.
    ///
    /// - Parameters:
    ///   - text: The YAML.
    ///   - file: Its name for what is wrong with it.
    /// - Returns: The settings, in their order.
    /// - Throws: The first thing that is wrong.
    package static func read(_ text: String, file: String) throws(ProfileFinding) -> [Setting] {
        let document: YAMLValue
        do {
            document = try YAMLDocument.read(text)
        } catch {
            throw finding(error.place, error.message, error.suggestion, file)
        }
        guard case .map(let members) = document.content else {
            throw finding(document.place, "expected a map of options to values", nil, file)
        }
        var settings: [Setting] = []
        for member in members {
            let isList = if case .list = member.value.content { true } else { false }
            var values: [Value] = []
            for item in member.value.items {
                guard let text = item.text else {
                    throw finding(item.place, "expected a text or a list of texts, not \(item.kindName)", nil, file)
                }
                values.append(Value(text: text, line: item.place.line, column: item.place.column))
            }
            settings.append(
                Setting(
                    name: member.key,
                    line: member.place.line,
                    column: member.place.column,
                    values: values,
                    isList: isList
                )
            )
        }
        return settings
    }

    /// The known name that is the fewest typing mistakes away from this one's.
    package func nearest(of names: some Sequence<String>) -> String? { NearestWord.among(names, to: name) }

    private static func finding(
        _ place: YAMLPlace,
        _ message: String,
        _ suggestion: String?,
        _ file: String
    ) -> ProfileFinding {
        ProfileFinding(
            severity: .error,
            file: file,
            line: place.line,
            column: place.column,
            message: message,
            suggestion: suggestion
        )
    }
}
