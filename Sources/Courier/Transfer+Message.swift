// Puts a request's method, header fields and body into an easy handle.
// Small bodies are copied to memory of the transfer and leave with the head in one system call; large ones and
// files are read piece by piece.

import CCurl
import Glibc
import Model

extension Transfer {
    /// Sets method, fields and body of `request`.
    /// - Throws: `request` for a method or field that is none; what `SampleFile` throws.
    func setMessage(_ request: Request) throws(ExchangeFailure) {
        var contentType: [UInt8]?
        switch request.body {
        case .none:
            bodyLength = 0
        case .bytes(let bytes):
            try setBody(bytes)
        case .multipart(let parts):
            let form = try MultipartForm(parts, boundary: request.boundary ?? MultipartForm.randomBoundary())
            contentType = form.contentType
            try setBody(form.pieces)
        case .file(let content):
            try setBody([.file(try SampleFile(content))])
        }
        try setMethod(request)
        try setFields(request, contentType: contentType)
    }

    private func setBody(_ bytes: [UInt8]) throws(ExchangeFailure) {
        guard bytes.count < TransferSettings.inlineLimit else { return try setBody([.bytes(bytes)]) }
        reserveInlineBody(bytes.count)
        inlineBody.copyBytes(from: bytes)
        bodyLength = Int64(bytes.count)
    }

    private func setBody(_ pieces: [BodyStream.Piece]) throws(ExchangeFailure) {
        let stream = try BodyStream(pieces)
        guard stream.holdsFile || stream.length >= TransferSettings.inlineLimit else {
            reserveInlineBody(Int(stream.length))
            if let base = inlineBody.baseAddress { _ = stream.read(into: base, count: Int(stream.length)) }
            bodyLength = stream.length
            return
        }
        self.stream = stream
        bodyLength = stream.length
    }

    private func reserveInlineBody(_ count: Int) {
        guard count > inlineBody.count || inlineBody.baseAddress == nil else { return }
        inlineBody.deallocate()
        // One size for nearly all: the address stays and need not be told to libcurl again.
        inlineBody = .allocate(byteCount: max(count, 4096), alignment: 16)
    }

    private func setMethod(_ request: Request) throws(ExchangeFailure) {
        let shape = shape(of: request)
        if shape != settings.shape || request.method != settings.method {
            for byte in request.method.utf8 where byte < 0x41 || byte > 0x5a {
                throw ExchangeFailure(kind: .request, message: "method '\(request.method)' is not A to Z")
            }
            ccurl_set_long(easy, CURLOPT_HTTPGET, 1)
            switch shape {
            case .get: break
            case .head: ccurl_set_long(easy, CURLOPT_NOBODY, 1)
            case .inline, .stream: ccurl_set_long(easy, CURLOPT_POST, 1)
            }
            let isDefault = request.method == shape.defaultMethod
            try check(
                ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, isDefault ? nil : request.method), "method")
            settings.shape = shape
            settings.method = request.method
            settings.bodyAddress = nil
            settings.bodyLength = -1
        }
        if shape == .inline || shape == .stream { setBodyOptions(shape) }
    }

    private func shape(of request: Request) -> TransferSettings.Shape {
        if stream != nil { return .stream }
        switch request.body {
        case .none: break
        default: return .inline
        }
        switch request.method {
        case "HEAD": return .head
        case "POST", "PUT", "PATCH":
            reserveInlineBody(0)
            return .inline
        default: return .get
        }
    }

    private func setBodyOptions(_ shape: TransferSettings.Shape) {
        let address = shape == .inline ? inlineBody.baseAddress : nil
        if settings.bodyLength == -1 || address != settings.bodyAddress {
            ccurl_set_pointer(easy, CURLOPT_POSTFIELDS, address)
            settings.bodyAddress = address
        }
        if bodyLength != settings.bodyLength {
            ccurl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bodyLength))
            settings.bodyLength = bodyLength
        }
        let isFile = stream?.holdsFile ?? false
        let buffer = isFile ? TransferSettings.fileBuffer : TransferSettings.smallBuffer
        if buffer != settings.uploadBuffer {
            ccurl_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, buffer)
            settings.uploadBuffer = buffer
        }
    }

    private func setFields(_ request: Request, contentType: [UInt8]?) throws(ExchangeFailure) {
        fields.removeAll()
        var isTyped = false
        for header in request.headers {
            if header.isFraming { continue }
            let isContentType = header.name.equals("content-type")
            if isContentType && contentType != nil { continue }
            isTyped = isTyped || isContentType
            guard fields.append(header) else {
                throw ExchangeFailure(
                    kind: .request, message: "header field '\(header.name)' holds a control character")
            }
        }
        if settings.shape == .inline || settings.shape == .stream {
            if let contentType {
                fields.append(name: "Content-Type", value: contentType)
            } else if !isTyped {
                fields.append(directive: "Content-Type:")
            }
            fields.append(directive: "Expect:")
        }
        let list = fields.link()
        if list != settings.fields {
            ccurl_set_list(easy, CURLOPT_HTTPHEADER, list)
            settings.fields = list
        }
    }
}

extension TransferSettings.Shape {
    /// The method libcurl sends for this shape by itself.
    var defaultMethod: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .inline, .stream: "POST"
        }
    }
}

extension Header {
    /// A field that says where the body ends or when it is sent: libcurl's alone.
    fileprivate var isFraming: Bool {
        switch name.utf8.count {
        case 6: name.equals("expect")
        case 14: name.equals("content-length")
        case 17: name.equals("transfer-encoding")
        default: false
        }
    }
}

extension String {
    /// Whether this is `lowerCase`, an ASCII word, in any case.
    fileprivate func equals(_ lowerCase: StaticString) -> Bool {
        guard utf8.count == lowerCase.utf8CodeUnitCount else { return false }
        var copy = self
        return copy.withUTF8 { bytes in
            for index in 0..<bytes.count where bytes[index] | 0x20 != lowerCase.utf8Start[index] {
                return false
            }
            return true
        }
    }
}
