// The report of a run as one page of HTML for people: no network, no build step, readable without its script.

internal import InteractionModel

/// How fast a run was, which is no part of its result.
public struct RunFigures: Sendable, Hashable {
    /// How long it took.
    public var seconds: Double
    /// Batches that were mapped at the same time.
    public var jobs: Int

    /// Makes figures.
    ///
    /// - Parameters:
    ///   - seconds: How long the run took.
    ///   - jobs: Batches that were mapped at the same time.
    public init(seconds: Double, jobs: Int) {
        self.seconds = seconds
        self.jobs = jobs
    }
}

extension ConversionReport {
    /// The report as one page of HTML, from the same data as its JSON.
    ///
    /// It loads nothing and runs nothing but its own script, which its content security policy names by a digest.
    ///
    /// - Parameters:
    ///   - version: The tool's version.
    ///   - run: How fast the run was; without it, the page depends on the report alone.
    /// - Returns: UTF-8 text.
    public func html(version: String, run: RunFigures? = nil) -> [UInt8] {
        Array(ReportPage(report: self, version: version, run: run).document.text.utf8)
    }
}

/// The page; its parts are in the extensions.
struct ReportPage {
    let report: ConversionReport
    let version: String
    let run: RunFigures?

    /// A part of the page with a heading of its own.
    struct Section {
        var id: String
        var title: String
        var content: HTML
    }

    private static let style = PackageResources.report_css
    private static let script = PackageResources.report_js

    var document: HTML {
        let sections = [books, timeline, participants, sizes, findings, fields, shapes, speed].compactMap(\.self)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <meta name="generator" content="interaction-migrate \(version)">
            <title>Conversion report: \(report.books.records.mapped) of \(report.books.records.total) records</title>
            <link rel="icon" href="data:,">
            <style>\(own: Self.style)</style>
            </head>
            <body>
            <a class="skip" href="#content">Skip to the report</a>
            <header>
            <p class="kicker">interaction-migrate \(version)</p>
            <h1>Conversion report</h1>
            \(verdict)
            \(figures)
            </header>
            <nav aria-label="Sections">
            <ul>\(sections.map { "<li><a href=\"#\($0.id)\">\($0.title)</a></li>" })</ul>
            </nav>
            <main id="content" tabindex="-1">
            \(sections.map(Self.markup))
            </main>
            <footer>
            <p>Made from the same data as the report in JSON, which has everything that is shortened here. Texts of \
            messages are not in it. Times are in UTC.</p>
            </footer>
            <script>\(own: Self.script)</script>
            </body>
            </html>

            """
    }

    private static func markup(_ section: Section) -> HTML {
        """
        <section aria-labelledby="\(section.id)">
        <h2 id="\(section.id)">\(section.title)</h2>
        \(section.content)
        </section>

        """
    }

    private static var policy: String {
        "default-src 'none'; style-src '\(digest(of: style))'; script-src '\(digest(of: script))'; img-src data:; "
            + "base-uri 'none'; form-action 'none'"
    }

    /// A digest as policies name it.
    private static func digest(of content: [UInt8]) -> String {
        var digest = ContentDigest()
        content.withUnsafeBytes { digest.update($0) }
        return "sha256-" + base64(digest.finish())
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
            for place in 0..<4 {
                text.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : "=")
            }
        }
        return text
    }

    // MARK: Tables and bars

    /// A table that a narrow screen can scroll, and a keyboard too.
    static func table(_ name: String, class kind: String = "", head: [HTML], rows: [HTML]) -> HTML {
        """
        <div class="scroll" role="region" aria-label="\(name)" tabindex="0">
        <table class="\(kind)">
        <caption>\(name)</caption>
        <thead><tr>\(head)</tr></thead>
        <tbody>
        \(rows)</tbody>
        </table>
        </div>
        """
    }

    static func head(_ title: String, isNumber: Bool = false) -> HTML {
        isNumber ? "<th scope=\"col\" class=\"number\">\(title)</th>" : "<th scope=\"col\">\(title)</th>"
    }

    /// A bar beside numbers that say the same.
    static func bar(_ parts: [(kind: String, count: Int)], of whole: Int) -> HTML {
        var x = 0.0
        var pieces: [HTML] = []
        for part in parts where part.count > 0 && whole > 0 {
            // A thousandth at least: what is there must be seen.
            let width = max(Double(part.count) / Double(whole) * 1000, 2)
            pieces.append(
                """
                <rect class="\(part.kind)" x="\(digits: Int(x.rounded()))" width="\(digits: Int(width.rounded(.up)))" \
                height="10"/>
                """
            )
            x += width
        }
        return """
            <svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">\
            <rect class="track" width="1000" height="10"/>\(pieces)</svg>
            """
    }
}
