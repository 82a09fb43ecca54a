// /healthz, /readyz and /metrics: for whatever watches the daemon. They are served on TCP too and hold nothing that
// a stranger on that network must not know.

import Hummingbird
import Model

extension Interface {
    var probeRoutes: [Route] {
        [
            Route(
                method: .get, path: "/healthz", name: "health", summary: "Whether the daemon runs",
                isPublic: true,
                answers: [.init(status: 200, type: "text/plain", schema: "Text", meaning: "It runs")],
                respond: { _ in .text("ok") }),
            Route(
                method: .get, path: "/readyz", name: "readiness",
                summary: "Whether events are accepted durably; if not, why",
                isPublic: true,
                answers: [
                    .init(status: 200, type: "text/plain", schema: "Text", meaning: "Events are accepted"),
                    .init(status: 503, type: "text/plain", schema: "Text", meaning: "Not now; says why"),
                ],
                respond: { _ in readiness }),
            Route(
                method: .get, path: "/metrics", name: "metrics", summary: "Figures for Prometheus",
                isPublic: true,
                answers: [
                    .init(status: 200, type: "text/plain", schema: "Text", meaning: "Prometheus text 0.0.4")
                ],
                respond: { _ in
                    .bytes(await metrics(), type: "text/plain; version=0.0.4; charset=utf-8")
                }),
        ]
    }

    private var readiness: Response {
        guard !control.isReady else { return .text("ready") }
        var response = Response.text(
            "not ready: \(free(control.notReadyBecause) ?? "starting")", status: .serviceUnavailable)
        response.headers[.retryAfter] = "5"
        return response
    }
}
