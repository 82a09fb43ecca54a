// Configuration files on disk. Regular files only, never waited for: a FIFO or a device under a configured
// name is an error, not a daemon that hangs at start.

import Glibc

/// Access to the real file system.
package struct DiskFiles: SettingsFiles {
    /// Access to the real file system.
    package init() {}

    package func read(_ path: String, limit: Int) -> FileReading {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            return errno == ENOENT || errno == ENOTDIR ? .missing : .failed(words(errno))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .failed(words(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return .failed(status.st_mode & S_IFMT == S_IFDIR ? "it is a folder" : "it is no regular file")
        }
        return readAll(descriptor, limit: limit, mode: status.st_mode & 0o7777)
    }

    package func list(_ path: String) -> [String]? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private func readAll(_ descriptor: Int32, limit: Int, mode: UInt32) -> FileReading {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return .content(bytes, mode: mode) }
            if count < 0 {
                if errno == EINTR { continue }
                return .failed(words(errno))
            }
            bytes += chunk[..<count]
            if bytes.count > limit { return .failed("it is larger than \(limit) bytes") }
        }
    }

    private func words(_ code: Int32) -> String {
        String(cString: strerror(code)).lowercased()
    }
}

extension SettingsSources {
    /// The surroundings of this process; `configFile` is `--config`.
    package static func process(configFile: String? = nil) -> SettingsSources {
        var environment: [String: String] = [:]
        var entry = environ
        while let pair = entry.pointee {
            let text = String(cString: pair)
            if let equals = text.firstIndex(of: "=") {
                environment[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            entry += 1
        }
        return SettingsSources(
            environment: environment, home: environment["HOME"] ?? homeFolder(),
            workingDirectory: workingFolder(), executable: executablePath(), configFile: configFile,
            files: DiskFiles())
    }

    private static func homeFolder() -> String? {
        guard let user = getpwuid(getuid()), let folder = user.pointee.pw_dir else { return nil }
        return String(cString: folder)
    }

    private static func workingFolder() -> String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    private static func executablePath() -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        return count > 0
            ? String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }
}
