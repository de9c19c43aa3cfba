// Libraries, data and limits of the system.

internal import Glibc
internal import InteractionModel
internal import InteractionSources

extension MachineCheck {
    /// Encodings of old exports; minimal systems leave their tables out.
    private static let encodings = ["WINDOWS-1252", "ISO-8859-15", "UTF-16", "SHIFT_JIS", "GB18030"]

    static var libraries: [MachineCheck] {
        let missing = encodings.filter { !SystemLibraries.decodes($0) }
        return [
            version("libxml2", SystemLibraries.libxml2, atLeast: [2, 9]),
            version("libarchive", SystemLibraries.libarchive, atLeast: [3, 6]),
            version("zlib", SystemLibraries.zlib, atLeast: [1, 2]),
            missing.isEmpty
                ? MachineCheck("iconv", SystemLibraries.glibc)
                : MachineCheck(
                    "iconv",
                    .warning,
                    "\(SystemLibraries.glibc) cannot read \(missing.joined(separator: ", "))",
                    remedy: "install the gconv modules (package libc-bin, or libc6-extra), if inputs need them"
                ),
        ]
    }

    private static func version(_ name: String, _ found: String, atLeast least: [Int]) -> MachineCheck {
        // The first number with dots in it: libarchive names what it was built with after it.
        let numbers = found.drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." }.split(separator: ".")
        let isEnough = !numbers.compactMap { Int($0) }.lexicographicallyPrecedes(least)
        guard isEnough else {
            let needed = least.map { String($0) }.joined(separator: ".")
            return MachineCheck(name, .error, found.isEmpty ? "unknown" : found, remedy: "install \(needed) or later")
        }
        return MachineCheck(name, found)
    }

    static var timeZones: MachineCheck {
        guard (try? ZoneRules(named: "Europe/Paris")) != nil else {
            let remedy = "install the package tzdata; without it --timezone takes UTC and offsets only"
            return MachineCheck("time-zones", .error, "there is no time zone data", remedy: remedy)
        }
        return MachineCheck("time-zones", "tzdata \(ZoneRules.dataVersion)")
    }

    static var locale: MachineCheck {
        SystemLibraries.hasUTF8Locale
            ? MachineCheck("locale", "C.UTF-8")
            : MachineCheck(
                "locale",
                .warning,
                "there is no locale C.UTF-8: names in archives that are not ASCII cannot be read",
                remedy: "install the package libc-bin, or unpack such archives first"
            )
    }

    static var openFiles: MachineCheck {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return MachineCheck("open-files", .warning, "the limit is not known")
        }
        // Spilled conversations take a file for each part they are divided into.
        let isEnough = limit.rlim_cur >= 256
        let found = limit.rlim_cur == rlim_t.max ? "unlimited" : "\(limit.rlim_cur)"
        return MachineCheck(
            "open-files",
            isEnough ? .ok : .error,
            found,
            remedy: isEnough ? nil : "ulimit -n 256, or more"
        )
    }

    static var memory: MachineCheck {
        let available = meminfo("MemAvailable:").map { $0 << 10 }
        let group = contents("/sys/fs/cgroup/memory.max").flatMap { Int64($0.filter(\.isNumber)) }
        guard let bytes = [available, group].compactMap(\.self).min() else {
            return MachineCheck("memory", .warning, "how much there is, is not known")
        }
        let isEnough = bytes >= 512 << 20
        return MachineCheck(
            "memory",
            isEnough ? .ok : .warning,
            "\(bytes >> 20) MB available" + (bytes == group ? ", by the limit of the control group" : ""),
            remedy: isEnough ? nil : "give --memory less than its 256M for chat logs"
        )
    }

    static var cores: MachineCheck { MachineCheck("cores", "\(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))") }

    private static func meminfo(_ name: String) -> Int64? {
        let line = contents("/proc/meminfo")?.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { Int64($0.filter(\.isNumber)) }
    }

    /// A file of the system, which says no size.
    static func contents(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            text += bytes[..<count]
        }
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }
}
