// `[mwdb]`: the MWDB instance that write-backs go to and samples are fetched from.

/// The MWDB instance beside the daemon.
package struct MWDBSettings: Sendable, Equatable {
    /// Base URL of MWDB for the daemon, without `/api` and without a slash at the end.
    package var url: String
    /// Base URL of MWDB for people, `{{mwdb.public_url}}`; `url` when it is not set. No slash at the end.
    package var publicURL: String
    /// API key of the service account; nil: no write-backs, samples only from the spool.
    package var apiKey: String?
    /// Logins whose events do not reach plugins that write back; nil: the login that the API key belongs to.
    package var ignoreActors: [String]?

    /// An MWDB at `url`.
    package init(
        url: String, publicURL: String? = nil, apiKey: String? = nil, ignoreActors: [String]? = nil
    ) {
        self.url = url
        self.publicURL = publicURL ?? url
        self.apiKey = apiKey
        self.ignoreActors = ignoreActors
    }
}
