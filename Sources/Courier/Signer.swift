// Signs requests whose body has to be read for it, on a thread of its own: reading a large sample can take a second,
// and no delivery waits for it. The sample is hashed here and again while it is sent, so that what is sent is what was
// signed.
// Failure: a body that cannot be read fails its request as sending it would.

import Mailbox
import Model

/// A thread that signs requests and then hands them to the courier.
final class Signer: Sendable {
    private enum Job: Sendable {
        case sign(Request)
        case stop
    }

    private let jobs: Mailbox<Job>
    private let thread: WorkerThread
    private let isStopping = Lock(false)

    /// Starts the thread; signed requests go to `courier`.
    /// - Throws: `CourierError` when the system refuses another thread.
    init(name: String, courier: Mailbox<Command>) throws(CourierError) {
        let jobs = Mailbox<Job>()
        let isStopping = isStopping
        self.jobs = jobs
        thread = try CourierError.wrap { () throws(WorkerThreadError) in
            try WorkerThread(name: name) {
                while true {
                    for job in jobs.wait() {
                        guard case .sign(let request) = job, !isStopping.withLock({ $0 }) else { return }
                        courier.post(.signed(request.token, Signer.result(request)))
                    }
                }
            }
        }
    }

    deinit {
        stop()
    }

    /// Signs `request`; a command with the result follows.
    func sign(_ request: Request) {
        jobs.post(.sign(request))
    }

    /// Finishes the request at hand, forgets the others and ends the thread.
    func stop() {
        isStopping.withLock { $0 = true }
        jobs.post(.stop)
        thread.join()
    }

    /// `request` with its signature.
    /// - Throws: what sending the body would; `request` when a key does not sign.
    static func signed(_ request: Request) throws(ExchangeFailure) -> Request {
        guard let signing = request.signing else { return request }
        var signed = request
        signed.signing = nil
        var signature = Signature(id: signing.id, timestamp: signing.timestamp, secrets: signing.secrets)
        switch request.body {
        case .none: break
        case .bytes(let bytes): bytes.withUnsafeBytes { signature.update($0) }
        case .multipart(let parts):
            let boundary = request.boundary ?? MultipartForm.randomBoundary()
            signed.boundary = boundary
            try read(MultipartForm(parts, boundary: boundary).pieces, into: &signature)
        case .file(let content): try read([.file(SampleFile(content))], into: &signature)
        }
        do throws(ValueError) {
            signed.headers.append(Header("webhook-signature", try signature.value()))
        } catch {
            throw ExchangeFailure(kind: .request, message: "cannot be signed: \(error.message)")
        }
        return signed
    }

    private static func result(_ request: Request) -> Result<Request, ExchangeFailure> {
        do throws(ExchangeFailure) {
            return .success(try signed(request))
        } catch {
            return .failure(error)
        }
    }

    private static func read(
        _ pieces: [BodyStream.Piece], into signature: inout Signature
    ) throws(ExchangeFailure) {
        let stream = try BodyStream(pieces)
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: TransferSettings.fileBuffer, alignment: 16)
        defer { buffer.deallocate() }
        while let base = buffer.baseAddress, let count = stream.read(into: base, count: buffer.count),
            count > 0
        {
            signature.update(UnsafeRawBufferPointer(start: base, count: count))
        }
        if let failure = stream.failure { throw failure }
    }
}
