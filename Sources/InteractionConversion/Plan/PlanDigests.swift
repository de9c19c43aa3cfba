// What a plan says of options, participants and inputs.

internal import Glibc
internal import InteractionMapping
internal import InteractionModel

extension ConversionOptions {
    /// What shapes the output, in the words of the command line; what only the speed depends on is left out.
    var shaping: [String: String] {
        let roles = mapping.roles.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.rawValue)" }
        let threads = mapping.threadFrom.map { candidate in
            if case .field(let name) = candidate { name } else { "derived" }
        }
        let redacted = mapping.redaction.kinds.map(\.rawValue).sorted()
        let values: [String: String?] = [
            "--organization-id": mapping.organizationId, "--tenant-id": mapping.tenantId,
            "--thread-from": threads.joined(separator: ","),
            "--role": roles.isEmpty ? nil : roles.joined(separator: ","),
            "--form": mapping.form.rawValue, "--oversize": mapping.oversize.rawValue,
            "--strict": mapping.isStrict ? "yes" : "no", "--deleted": mapping.deleted.rawValue,
            "--html": mapping.html.rawValue, "--timezone": mapping.timezone, "--gap": mapping.gap.map { "\($0)s" },
            "--from": profile?.name ?? (looksAtContent ? nil : "legacy"), "--order": order.rawValue,
            "--snapshots": snapshots.rawValue, "--grain": grain?.rawValue,
            "--phone-region": mapping.phoneRegion?.name, "--encoding": encoding, "--input": input.rawValue,
            "--max-record-bytes": String(largestRecord),
            "--limit": limit.map(String.init), "--sample": sampling.map { String($0.count) },
            "--seed": sampling.map { String($0.seed) },
            "--redact": redacted.isEmpty ? nil : redacted.joined(separator: ","),
            "--redact-keep-length": redacted.isEmpty ? nil : mapping.redaction.keepsLength ? "yes" : "no",
        ]
        return values.compactMapValues(\.self)
    }
}

extension Crosswalk {
    /// The digest of everything that it decides; nil if that is nothing.
    var digest: String? {
        guard !isEmpty else { return nil }
        var text = OutputBuffer()
        func add(_ system: String, _ entries: [String: Entry]) {
            for (key, entry) in entries.sorted(by: { $0.key < $1.key }) {
                for word in [system, key, entry.participantId, entry.displayName, entry.role?.rawValue] {
                    text.append(optional: word)
                }
                text.append("\n")
            }
        }
        add("", entries)
        for (system, entries) in systems.sorted(by: { $0.key < $1.key }) { add(system, entries) }
        return text.array.digest
    }
}

extension ConversionPlan.Input {
    /// Reads a file for its digest; a reading that was stopped gives none.
    init(digesting path: String, isStopped: () -> Bool = { false }) {
        self.path = path
        bytes = 0
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var content = ContentDigest()
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return }
            if count == 0 { break }
            if isStopped() { return }
            chunk.withUnsafeBytes { content.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            bytes += Int64(count)
        }
        digest = content.finish().hexadecimal
    }
}

extension [UInt8] {
    /// The SHA-256 digest in hexadecimal.
    var digest: String {
        var content = ContentDigest()
        withUnsafeBytes { content.update($0) }
        return content.finish().hexadecimal
    }

    /// Two digits a byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
