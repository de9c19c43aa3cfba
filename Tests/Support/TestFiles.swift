// Folders that a test may write to, and the folders that it may read.

import Foundation

/// Places on disk.
package enum TestFiles {
    /// The package's own folder.
    package static var package: String {
        // …/Tests/Support/TestFiles.swift
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
    }

    /// The folder of real exports and specifications beside the package, or nil on a machine without it.
    package static var shared: String? {
        let path = package + "/../shared"
        return FileManager.default.fileExists(atPath: path + "/corpus") ? path : nil
    }

    /// Runs a body with a fresh folder, which is removed afterwards.
    package static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let path = NSTemporaryDirectory() + "interaction-migrate-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }
}
