// What an easy handle was last told, so that only differences are told again: setting all options for each
// request costs more than sending it.

import CCurl
import Model

/// The options an easy handle has now.
struct TransferSettings {
    var transport = TransferSettings.unset
    var url = ""
    var method = "GET"
    var shape = Shape.get
    var fields: UnsafeMutablePointer<curl_slist>?
    var bodyLength: Int64 = -1
    var bodyAddress: UnsafeMutableRawPointer?
    var uploadBuffer = TransferSettings.smallBuffer
    var receiveBuffer = TransferSettings.smallReceiveBuffer

    /// Which of libcurl's request kinds carries the method.
    enum Shape {
        /// Without a body: GET, DELETE and others.
        case get
        /// HEAD: no body comes back.
        case head
        /// With a body in memory.
        case inline
        /// With a body that is read.
        case stream
    }

    /// libcurl's default upload buffer.
    static let smallBuffer = 65_536
    /// For files: fewer system calls a megabyte; measured, larger is no faster.
    static let fileBuffer = 524_288
    /// libcurl's default receive buffer.
    static let smallReceiveBuffer = 16_384
    /// Bodies below this go out in the same system call as the head (libcurl's MAX_INITIAL_POST_SIZE).
    static let inlineLimit = 65_536
    /// A new handle's transport settings: equal to no request's, because no request has this timeout.
    static let unset = Transport(connectTimeout: .milliseconds(-1))
}
