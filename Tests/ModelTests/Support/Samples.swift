// Events as MWDB's event source writes them.

@testable import Model

/// Events for tests.
enum Samples {
    static let sha256 = "b43e331f047f42a62a6e4ce0383904bd17164c5e02a1707d1fb78c0bc6ef60b1"

    /// A file as MWDB serialises it.
    static let file = """
        {"id":"\(sha256)","type":"file","upload_time":"2026-11-23T18:28:03.266259+00:00",\
        "share_3rd_party":true,"file_name":"050e490aeaba.txt","file_size":29,"file_type":"ASCII text",\
        "md5":"657e3093b59e8d31ee0777db5ac88c06","sha1":"ec805c5363dd41cd28ff7024ad97f34253a89622",\
        "sha256":"\(sha256)",\
        "sha512":"1a8907aa8a74f386a2cad09aa09bf67c552c2cf1252a41fdc968c7767ab7847d1fa11bdfcfe5e7a2819190548e2fa7\
        b38c4bbea0f0074463f798b05426e065ee","crc32":"f4c4c321","ssdeep":"3:zJJooALRv:lJoow",\
        "alt_names":["050e490aeaba-again.txt"],"tags":["lab:050e490aeaba","triage"]}
        """

    /// A whole event with `data`.
    static func event(
        type: String = "on_created_file", id: String = "019ab5a2-93e2-7cc0-8a4e-3f2f0d1c9a77",
        data: String = "{\"file\":\(file)}"
    ) -> String {
        """
        {"id":"\(id)","type":"\(type)","timestamp":"2026-11-23T18:28:03.266Z","source":"mwdb",\
        "actor":"admin","data":\(data)}
        """
    }

    /// The context of an event with `data`.
    static func context(data: String = "{\"file\":\(file)}") throws -> TemplateContext {
        try TemplateContext(body: event(data: data).bytes)
    }
}
