// Answers from bytes and JSON, with the headers that keep them from being cached or taken for something else.

import Hummingbird
import Model
import NIOCore

extension Response {
    /// An answer with these bytes.
    package static func bytes(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// An answer in plain text; a line break is added.
    package static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        bytes(Array((text + "\n").utf8), type: "text/plain; charset=utf-8", status: status)
    }

    /// An answer in JSON; a line break is added.
    static func json(_ value: JSON, status: HTTPResponse.Status = .ok) -> Response {
        bytes(value.serialised() + [10], type: "application/json", status: status)
    }
}
