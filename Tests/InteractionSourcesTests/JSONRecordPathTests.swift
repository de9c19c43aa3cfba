// Paths to records: what is read, how it is written back, and what is refused where.

import Testing

@testable import InteractionSources

@Suite
struct JSONRecordPathTests {
    @Test(
        arguments: [
            ("$", []),
            ("$.messages[*]", [.member("messages"), .all]),
            ("$.chats.list[*].messages[*]", [.member("chats"), .member("list"), .all, .member("messages"), .all]),
            ("$['odd key'][*]", [.member("odd key"), .all]),
            (#"$["a]b"].c"#, [.member("a]b"), .member("c")]),
            (#"$['it\'s']"#, [.member("it's")]),
            ("$.x.*", [.member("x"), .all]),
            ("$.größe-2", [.member("größe-2")]),
        ] as [(String, [JSONRecordPath.Step])]
    )
    func pathsAreRead(_ text: String, _ steps: [JSONRecordPath.Step]) throws {
        let path = try JSONRecordPath(text)
        #expect(path.steps == steps)
        #expect(try JSONRecordPath(path.description) == path, "written as \(path)")
    }

    @Test(arguments: [
        ("", 0), ("messages", 0), ("$messages", 1), ("$.", 2), ("$..a", 3), ("$[0]", 2), ("$.a[?(@.b)]", 4),
        ("$['a", 3),
        ("$['a'", 5), ("$.a b", 3), ("$.2x", 2),
    ])
    func othersAreRefusedWithThePlace(_ text: String, _ offset: Int) {
        let fault = #expect(throws: JSONRecordPath.Fault.self) { try JSONRecordPath(text) }
        #expect(fault?.offset == offset)
        #expect(fault?.message.isEmpty == false)
    }
}
