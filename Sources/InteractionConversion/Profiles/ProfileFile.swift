// Profiles in files of the user's.

package import InteractionMapping
internal import InteractionSources

/// A profile that cannot be used.
public struct ProfileFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, one line each: place, message, suggestion.
    public let lines: [String]

    package init(lines: [String]) { self.lines = lines }

    /// All lines.
    public var description: String { lines.joined(separator: "\n") }
}

extension ConversionOptions {
    /// Reads inputs by one profile only.
    ///
    /// - Parameter path: A profile in YAML, as docs/PROFILES.md describes it; `-` is standard input.
    /// - Returns: Warnings about it, one line each.
    /// - Throws: ``ProfileFailure``.
    public mutating func use(profileAt path: String) throws(ProfileFailure) -> [String] {
        let (profile, warnings) = try Profile.read(contentsOf: path)
        use(profile)
        return warnings
    }

    /// Reads inputs by one profile only.
    package mutating func use(_ profile: Profile) {
        self.profile = profile
    }
}

extension Profile {
    /// Reads a profile from a file.
    ///
    /// - Parameter path: The file; `-` is standard input.
    /// - Returns: The profile, and warnings about it.
    /// - Throws: ``ProfileFailure``.
    package static func read(
        contentsOf path: String
    ) throws(ProfileFailure) -> (profile: Profile, warnings: [String]) {
        let text: [UInt8]
        do {
            text = try WholeInput.read(path)
        } catch {
            throw ProfileFailure(lines: [error.description])
        }
        let (profile, findings) = Profile.read(String(decoding: text, as: UTF8.self), file: path)
        let lines = findings.map(\.description)
        guard let profile else { throw ProfileFailure(lines: lines) }
        return (profile, lines)
    }
}

extension Setting {
    /// Reads settings from a file.
    ///
    /// - Parameter path: The YAML; `-` is standard input.
    /// - Returns: The settings, in their order.
    /// - Throws: ``ProfileFailure``.
    package static func read(contentsOf path: String) throws(ProfileFailure) -> [Setting] {
        let text: [UInt8]
        do {
            text = try WholeInput.read(path)
        } catch {
            throw ProfileFailure(lines: [error.description])
        }
        do {
            return try read(String(decoding: text, as: UTF8.self), file: path)
        } catch {
            throw ProfileFailure(lines: [error.description])
        }
    }
}
