// Small inputs that are read as a whole: tables of participants, profiles.

internal import InteractionSources

/// Reads an input into memory.
enum WholeInput {
    /// Reads everything, decompressed and as UTF-8.
    ///
    /// - Parameter path: The file; `-` is standard input.
    /// - Returns: Its text.
    /// - Throws: Why it cannot be read.
    static func read(_ path: String) throws(SourceError) -> [UInt8] {
        var text: [UInt8] = []
        var reader = try InputReader(path: path)
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = try chunk.withUnsafeMutableBufferPointer { (space) throws(SourceError) in
                try reader.read(into: UnsafeMutableRawBufferPointer(space))
            }
            if count == 0 { return text }
            text.append(contentsOf: chunk[..<count])
        }
    }
}
