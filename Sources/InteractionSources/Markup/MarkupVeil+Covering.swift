// Which texts, values and ends of elements a parser does not get.

internal import Glibc
internal import InteractionModel

extension MarkupVeil {
    /// Prepares the next text for the parser.
    ///
    /// - Parameters:
    ///   - text: Valid UTF-8.
    ///   - position: How far the parser has read.
    /// - Returns: What the parser is to get, valid until the next call.
    /// - Complexity: One step for 16 bytes, a few for each tag and each sign that stands for another.
    mutating func cover(_ text: UnsafeRawBufferPointer, position: Int) -> UnsafeRawBufferPointer {
        forget(before: position)
        let mark = originals.count
        originals.append(text)
        originals.reserve(Self.padding)
        // Safety: that much room was just made. The sign ends every search, and nothing is covered before it.
        let end = originals.base + originals.count
        memset(end, 0, Self.padding)
        end.pointee = UInt8(ascii: ">")
        shown.removeAll()
        if originals.base.pointee == UInt8(ascii: "&"), MarkupTextScan(originals.base).hasOpenReference {
            // The parser waits there for the end of a reference, from whatever text.
            shown.append(text)
        } else {
            coverTexts(originals.base + mark, end)
        }
        shownCount += shown.count
        return shown.bytes
    }

    private mutating func forget(before position: Int) {
        pass(position)
        covered.removeFirst(next)
        next = 0
        let passed = min(offset(of: position) - start, originals.count)
        guard passed > 0 else { return }
        // Safety: both lie within the buffer.
        memmove(originals.base, originals.base + passed, originals.count - passed)
        originals.truncate(to: originals.count - passed)
        start += passed
    }

    private mutating func coverTexts(_ first: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        var at = tagBegun(before: first)
        var written = first
        // The tag before a text, if it began here.
        var tag: MarkupTagScan?
        while true {
            if isInComment {
                guard let next = MarkupTagScan.commentEnd(at, end) else { break }
                isInComment = false
                at = next
            }
            // White space stays: outside the root element there may be nothing else.
            while at.pointee == 0x20 || at.pointee == 0x0A || at.pointee == 0x09 { at += 1 }
            let start = at
            if at.pointee != UInt8(ascii: "<") {
                let text = MarkupTextScan(start)
                if text.hasOpenReference { break }
                at = text.end
                // At two line ends of two bytes, libxml2 begins to copy.
                if let tag, text.isSound, at.pointee == UInt8(ascii: "<"), start.pointee != 0x0D {
                    if tag.end + 1 == start, let endTag = tag.endTag(after: at), endTag < end {
                        shown.append(written, tag.end - written)
                        at = coverElement(start, text, endTag + 1)
                        written = at
                    } else if at - start > text.lineFeedCount + 1, tag.isOver(before: start, at) {
                        shown.append(written, start - written)
                        cover(start, at, isSpelled: text.isSpelled, lineFeedCount: text.lineFeedCount)
                        written = at
                    }
                }
            }
            // The next tag, to its end.
            tag = nil
            while at.pointee == UInt8(ascii: "<"), !isInComment {
                let next = MarkupTagScan(at)
                isInComment = MarkupTagScan.beginsComment(at)
                at = isInComment ? at + 4 : next.end
                tag = next
            }
            if isInComment || at.pointee != UInt8(ascii: ">") {
                tag = nil
                continue
            }
            if at == end { break }
            at += 1
            if let tag, tag.isBeyondASCII {
                tag.forEachValueBeyondASCII { value, quote in
                    shown.append(written, value - written)
                    cover(value, quote, isSpelled: false, lineFeedCount: 0)
                    written = quote
                }
            }
        }
        shown.append(written, end - written)
    }

    /// Where to begin: before some bytes, if what may become the beginning of a comment or a tag stands there.
    private func tagBegun(before first: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        // The end of a comment may be there in part, too.
        if isInComment { return max(first - 2, UnsafePointer(originals.base)) }
        let comment = StaticString("<!--").utf8Start
        let known = first - UnsafePointer(originals.base)
        let count = (1...3).first { $0 <= known && ByteWord.isSame(first - $0, comment, $0) }
        return first - (count ?? 0)
    }

    /// Covers a text or a value.
    private mutating func cover(
        _ text: UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>,
        isSpelled: Bool,
        lineFeedCount: Int
    ) {
        let position = shownCount + shown.count
        let range = offset(text)..<offset(end)
        shown.append(Self.sign)
        appendLineFeeds(lineFeedCount)
        covered.append(
            Covered(
                shown: position..<shownCount + shown.count,
                original: range,
                text: range,
                elementEnd: -1,
                isSpelled: isSpelled
            )
        )
    }

    /// Covers an element from the end of its start tag.
    ///
    /// - Returns: What follows it, after white space if that is a tag.
    private mutating func coverElement(
        _ text: UnsafePointer<UInt8>,
        _ scan: MarkupTextScan,
        _ elementEnd: UnsafePointer<UInt8>
    ) -> UnsafePointer<UInt8> {
        var end = elementEnd
        var lineFeedCount = scan.lineFeedCount
        while end.pointee == 0x20 || end.pointee == 0x0A || end.pointee == 0x09 {
            if end.pointee == 0x0A { lineFeedCount += 1 }
            end += 1
        }
        if end.pointee != UInt8(ascii: "<") {
            end = elementEnd
            lineFeedCount = scan.lineFeedCount
        }
        let position = shownCount + shown.count
        appendLineFeeds(lineFeedCount)
        shown.append(UInt8(ascii: "/"))
        shown.append(UInt8(ascii: ">"))
        covered.append(
            Covered(
                shown: position..<shownCount + shown.count,
                original: offset(text) - 1..<offset(end),
                text: offset(text)..<offset(scan.end),
                elementEnd: offset(elementEnd),
                isSpelled: scan.isSpelled
            )
        )
        return end
    }

    @inline(__always)
    private mutating func appendLineFeeds(_ count: Int) {
        for _ in 0..<count { shown.append(0x0A) }
    }

    /// The offset of a byte that came in.
    private func offset(_ byte: UnsafePointer<UInt8>) -> Int { start + (byte - UnsafePointer(originals.base)) }
}
