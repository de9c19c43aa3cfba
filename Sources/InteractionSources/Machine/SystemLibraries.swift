// The system's libraries that reading depends on, as they are loaded and not as they were compiled against.

internal import CLibArchive
internal import CZlib
internal import Glibc

/// Versions of libraries, and what the C library can decode.
package enum SystemLibraries {
    /// Such as `2.9.14`.
    package static var libxml2: String { MarkupParser.libraryVersion }

    /// Such as `libarchive 3.6.2 zlib/1.2.13 liblzma/5.4.1`.
    package static var libarchive: String { archive_version_details().map { String(cString: $0) } ?? "" }

    /// Such as `1.2.13`.
    package static var zlib: String { zlibVersion().map { String(cString: $0) } ?? "" }

    /// The C library, which has iconv in it, such as `glibc 2.36`.
    package static var glibc: String {
        var bytes = [CChar](repeating: 0, count: 64)
        guard confstr(Int32(_CS_GNU_LIBC_VERSION), &bytes, bytes.count) > 0 else { return "the C library" }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether text of an encoding can be read.
    package static func decodes(_ encoding: String) -> Bool {
        (try? CharsetTranscoder(name: encoding, path: "")) != nil
    }

    /// Whether names of files in an archive can be read that are not ASCII.
    package static var hasUTF8Locale: Bool {
        guard let locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil) else { return false }
        freelocale(locale)
        return true
    }
}
