// The addresses of a host, as the system resolves its name.

internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Resolves names, in a thread that may wait.
enum NameLookup {
    /// More addresses than these are only counted.
    private static let shown = 3

    /// Resolves a name.
    ///
    /// - Parameter host: A name, or an address, which stands for itself.
    /// - Returns: The addresses, for people.
    /// - Throws: ``TransportFailure`` if there are none.
    static func addresses(of host: String) async throws -> String {
        let found = try await NIOSingletons.posixBlockingThreadPool.runIfActive { resolve(host) }.get()
        let more = found.count > shown ? " and \(found.count - shown) more" : ""
        return found.prefix(shown).joined(separator: ", ") + more
    }

    private static func resolve(_ host: String) -> Result<[String], TransportFailure> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else {
            let reason = String(cString: gai_strerror(status))
            return .failure(TransportFailure(.unreachable, "\(host) cannot be resolved: \(reason)"))
        }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let entry = next?.pointee {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let size = socklen_t(text.count)
            if getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, size, nil, 0, NI_NUMERICHOST) == 0 {
                let address = text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
                if let address, !found.contains(address) { found.append(address) }
            }
            next = entry.ai_next
        }
        guard !found.isEmpty else { return .failure(TransportFailure(.unreachable, "\(host) has no address")) }
        return .success(found)
    }
}
