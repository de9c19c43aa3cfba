// Texts of e-mails, whole ones and the parts of a body alone.

import Testing

@testable import InteractionMapping

@Suite struct MIMETextTests {
    private func best(_ message: String) -> String? {
        TextCodes.bestPart(ofMIME: Array(message.utf8)).map { String(decoding: $0.text, as: UTF8.self) }
    }

    @Test func headersAreNoText() {
        #expect(best("Subject: Hi\r\nContent-Type: text/plain\r\n\r\nHello\r\n") == "Hello\r\n")
        #expect(best("Hello, no headers") == "Hello, no headers")
    }

    @Test(arguments: ["Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n", ""])
    func thePlainPartIsTheText(headers: String) {
        let html = "--b\r\nContent-Type: text/html\r\n\r\n<p>A</p>\r\n"
        let plain = "--b\r\nContent-Type: text/plain\r\n\r\nA: B\r\nC\r\n"
        #expect(best(headers + html + plain + "--b--\r\n") == "A: B\r\nC")
    }

    @Test func whatIsOnlyHTMLIsSaidToBe() throws {
        let part = "--b\nContent-Type: text/html\n\n<p>A</p>\n--b--\n"
        let found = try #require(TextCodes.bestPart(ofMIME: Array(part.utf8)))
        #expect(found.isHTML && found.text.elementsEqual("<p>A</p>".utf8))
    }

    @Test func transferCodingsAreUndone() {
        #expect(best("Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=\n=C3=9Fe 100%41") == "Grüße 100%41")
        #expect(best("Content-Transfer-Encoding: base64\n\nR3LDvMOfZQ==") == "Grüße")
        let latin = "Content-Type: text/plain; charset=ISO-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n"
        #expect(best(latin + "Gr=FC=DFe") == "Grüße")
        // Where Latin-1 and Windows-1252 differ, nothing is guessed.
        #expect(best(latin + "=80 5") == nil)
    }

    @Test func dashesAreNoBoundary() {
        #expect(best("-- \nKim") == "-- \nKim")
        #expect(best("--x\nsigned") == "--x\nsigned")
    }
}
