// What this process has used so far: CPU time, bytes written, memory. Read from getrusage(2) and proc(5).

import Glibc

/// CPU, disk and memory used by this process.
struct ProcessFigures {
    /// CPU time in microseconds, user and system.
    let processor: Double
    /// Bytes that went to storage.
    let written: Double

    /// As of now.
    static func now() -> ProcessFigures {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func microseconds(_ time: timeval) -> Double { Double(time.tv_sec) * 1e6 + Double(time.tv_usec) }
        return ProcessFigures(
            processor: microseconds(usage.ru_utime) + microseconds(usage.ru_stime),
            written: field("write_bytes:", in: "/proc/self/io"))
    }

    /// Resident memory in MiB.
    static var residentMemory: Double { field("VmRSS:", in: "/proc/self/status") / 1024 }

    /// Highest resident memory in MiB since the last `resetPeakMemory`.
    static var peakMemory: Double { field("VmHWM:", in: "/proc/self/status") / 1024 }

    /// Starts the peak anew (proc(5), clear_refs).
    static func resetPeakMemory() {
        guard let file = fopen("/proc/self/clear_refs", "w") else { return }
        fputs("5", file)
        fclose(file)
    }

    private static func field(_ name: String, in path: String) -> Double {
        guard let file = fopen(path, "r") else { return 0 }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 256)
        while fgets(&buffer, 256, file) != nil {
            let line = buffer.withUnsafeBufferPointer {
                String(cString: $0.baseAddress ?? UnsafePointer(strdup("")))
            }
            guard line.hasPrefix(name) else { continue }
            return Double(line.dropFirst(name.count).filter(\.isNumber)) ?? 0
        }
        return 0
    }
}
