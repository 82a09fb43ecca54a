// Requests whose body has to be read for its signature: they go to the signer first and come back as commands.
// Failure: what cannot be signed gets its reply here, and so does what was cancelled meanwhile.

import Model

extension Engine {
    /// Has `request` signed before it is sent.
    func sign(_ request: Request) {
        guard let signer else {
            do throws(ExchangeFailure) {
                begin(try Signer.signed(request))
            } catch {
                fail(request.token, error)
            }
            return
        }
        unsigned.insert(request.token)
        signer.sign(request)
    }

    /// Answers a request that was not sent.
    func fail(_ token: UInt64, _ failure: ExchangeFailure) {
        finished.append(Reply(token: token, result: .failure(failure)))
    }

    /// Sends a request that has its signature now, unless it was cancelled meanwhile.
    func signed(_ token: UInt64, _ result: Result<Request, ExchangeFailure>) {
        guard unsigned.remove(token) != nil else { return }
        switch result {
        case .success(let request): start([request])
        case .failure(let failure): fail(token, failure)
        }
    }
}
