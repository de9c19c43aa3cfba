// What a column is called, however people write it.

import Testing

@testable import InteractionSources

@Suite struct ColumnNameTests {
    @Test(arguments: [
        ("Chat ID", "chat_id"), ("chat-id", "chat_id"), ("CHAT_ID", "chat_id"), ("chatId", "chat_id"),
        ("chat.id", "chat_id"), ("Date (UTC)", "date_utc"), ("Sender - Name", "sender_name"), ("_id", "id"),
        ("Größe", "größe"), ("#", ""), ("", ""),
    ])
    func namesAreFolded(name: String, folded: String) {
        #expect(DelimitedDialect.folded(name) == folded)
        #expect(DelimitedDialect.folded(folded) == folded)
    }

    @Test func columnsStayApart() {
        let names = ["Chat ID", "chat_id", "", "#", "Text"]
        #expect(DelimitedDialect(foldsNames: true).uniqueNames(names) == ["chat_id", "chat_id_2", "#3", "#4", "text"])
        #expect(DelimitedDialect().uniqueNames(names) == ["Chat ID", "chat_id", "#3", "#", "Text"])
    }
}
