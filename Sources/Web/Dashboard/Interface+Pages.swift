// The dashboard's files. They hold no data and no secret; what they show, they ask the API for, as whoever looks is
// allowed to. Their policy lets nothing run or load that does not come from here.

import Hummingbird
import Model
import NIOCore

extension Interface {
    var pageRoutes: [Route] {
        Asset.all.map { asset in
            Route(
                method: .get, path: asset.path, name: "page", summary: "A file of the dashboard",
                isPage: true,
                answers: [], respond: { call in Self.page(asset, call.request) })
        }
    }

    /// Nothing inline, nothing from elsewhere, in nobody's frame, and no string becomes markup.
    static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
        trusted-types 'none'
        """

    private static let protections = [
        ("content-security-policy", policy), ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"), ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ("x-content-type-options", "nosniff"), ("cache-control", "no-cache"),
    ]

    private static func page(_ asset: Asset, _ request: Request) -> Response {
        var headers = HTTPFields()
        for (name, value) in protections {
            if let name = HTTPFields.Element.Name(name) { headers[name] = value }
        }
        headers[.eTag] = asset.tag
        if request.headers[.ifNoneMatch] == asset.tag {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = asset.type
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }
}
