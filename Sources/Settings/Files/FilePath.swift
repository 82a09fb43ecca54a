// Paths as text: settings hold absolute paths only, so that what a path means does not depend on where the
// daemon was started.

/// Operations on paths.
enum FilePath {
    /// `path` made absolute: `~/` is the home folder, anything else that is relative starts at `folder`, the
    /// folder of the file in which it is written. `.` and `..` are resolved without looking at links.
    static func absolute(_ path: String, in folder: String, home: String?) -> String {
        if path == "~" || path.hasPrefix("~/"), let home {
            return normalised(home + "/" + path.dropFirst(1))
        }
        return normalised(path.hasPrefix("/") ? path : folder + "/" + path)
    }

    /// The folder of a file.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// Whether `path` is `folder` or lies in it.
    static func contains(_ folder: String, _ path: String) -> Bool {
        path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
    }

    private static func normalised(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." {
                _ = parts.popLast()
            } else {
                parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }
}
