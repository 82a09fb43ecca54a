// Every test runs with proxies in its environment, which the courier must ignore.

import Glibc

/// Sets the variables once, before anything in these tests reads the environment: changing it later would race.
enum ProxyEnvironment {
    /// True. Reading it sets the variables; nothing listens at the proxies they name.
    static let isSet: Bool = {
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            setenv(name, "http://127.0.0.1:1", 1)
        }
        for name in ["no_proxy", "NO_PROXY"] { setenv(name, "receiver.invalid", 1) }
        return true
    }()
}
