// GET /api/openapi.json, and /openapi.json where tools look for it: the interface described in OpenAPI 3.1, written from the table that requests are matched
// against. docs/openapi.json is this document, which a test keeps true.

import Hummingbird
import Model

extension Interface {
    var documentRoute: Route {
        Route(
            method: .get, path: "/api/openapi.json", name: "openapi", summary: "This document",
            answers: [.init(status: 200, type: "application/json", schema: "Object", meaning: "OpenAPI 3.1")],
            respond: { _ in .json(document) })
    }

    /// The same, for whoever knows no more than the address. It is public, as docs/openapi.json is.
    var wellKnownDocumentRoute: Route {
        Route(
            method: .get, path: "/openapi.json", name: "openapi", summary: "The document", isPage: true,
            answers: [], respond: { _ in .json(document) })
    }

    /// The OpenAPI document.
    var document: JSON {
        .members([
            "openapi": .string("3.1.0"),
            "info": .members([
                "title": .string("mwdb-webhooks"), "version": .string(Product.version),
                "summary": .string("Durable out-of-process webhooks for MWDB"),
                "description": .string(Self.introduction),
            ]),
            "paths": .object(paths),
            "components": .members(["schemas": Schemas.tree, "securitySchemes": Self.securitySchemes]),
        ])
    }

    private static let securitySchemes = JSON.members([
        "token": .members([
            "type": .string("http"), "scheme": .string("bearer"),
            "description": .string("What `mwdb-webhooks token` shows. Not needed on the unix socket."),
        ])
    ])

    private static let introduction = """
        Served on the addresses of `listen`. On a unix socket the socket's mode decides who may use it. Over TCP a \
        token does, as `Authorization: Bearer TOKEN`: a viewer's for what changes nothing, an operator's for the \
        rest; probes and metrics need none. Whatever goes wrong is an RFC 9457 problem document.
        """

    private var paths: [JSON.Member] {
        var order: [String] = []
        var operations: [String: [JSON.Member]] = [:]
        for route in routes where !route.isPage {
            if operations[route.path] == nil { order.append(route.path) }
            operations[route.path, default: []].append(
                .init(key: route.method.rawValue.lowercased(), value: operation(route)))
        }
        return order.map { path in
            .init(key: path, value: .object(operations[path] ?? []))
        }
    }

    private func operation(_ route: Route) -> JSON {
        var members: [JSON.Member] = [
            .init(key: "operationId", value: .string(route.name)),
            .init(key: "summary", value: .string(route.summary)),
        ]
        if !route.description.isEmpty {
            members.append(.init(key: "description", value: .string(route.description)))
        }
        let parameters = route.pathParameters.map(pathParameter) + route.parameters.map(queryParameter)
        if !parameters.isEmpty { members.append(.init(key: "parameters", value: .array(parameters))) }
        if !route.bodies.isEmpty { members.append(.init(key: "requestBody", value: requestBody(route))) }
        members.append(.init(key: "responses", value: responses(route)))
        let security = route.isPublic ? [] : [JSON.members(["token": .array([])])]
        members.append(.init(key: "security", value: .array(security)))
        return .object(members)
    }

    private func pathParameter(_ name: String) -> JSON {
        .members([
            "name": .string(name), "in": .string("path"), "required": .bool(true),
            "schema": .members(["type": .string("string"), "minLength": .integer(1)]),
        ])
    }

    private func queryParameter(_ parameter: Parameter) -> JSON {
        let isList = if case .words = parameter.kind { true } else { false }
        let plain = JSON.members([
            "name": .string(parameter.name), "in": .string("query"),
            "description": .string(parameter.meaning),
            "schema": parameter.kind.schema,
        ])
        return isList ? plain.adding(["style": .string("form"), "explode": .bool(false)]) : plain
    }

    private func requestBody(_ route: Route) -> JSON {
        let content = route.bodies.map { body in
            JSON.Member(key: body.type, value: .members(["schema": reference(body.schema)]))
        }
        let isRequired = ["acceptEvents", "replayEvents", "orderJob"].contains(route.name)
        return .members(["required": .bool(isRequired), "content": .object(content)])
    }

    private func responses(_ route: Route) -> JSON {
        let answers = route.answers.map { answer in
            (answer.status, answer.meaning, answer.type, answer.schema)
        }
        let refusals = route.isPublic ? [421] : [401, 403, 421, 429]
        let statuses = Set(route.problems + refusals + [400, 500]).subtracting(answers.map(\.0))
        let problems = statuses.map { status in
            (status, Problem.title(status), "application/problem+json", "Problem")
        }
        let all = (answers + problems).sorted { $0.0 < $1.0 }
        return .object(
            all.map { status, meaning, type, schema in
                .init(
                    key: String(status),
                    value: .members([
                        "description": .string(meaning),
                        "content": .object([.init(key: type, value: .members(["schema": reference(schema)]))]
                        ),
                    ]))
            })
    }

    private func reference(_ schema: String) -> JSON {
        .members(["$ref": .string("#/components/schemas/" + schema)])
    }
}

extension Parameter.Kind {
    /// The values as JSON Schema says it.
    fileprivate var schema: JSON {
        switch self {
        case .text:
            .members([
                "type": .string("string"), "minLength": .integer(1),
                "maxLength": .integer(Parameter.longestText),
            ])
        case .integer(let range):
            .members([
                "type": .string("integer"), "minimum": .integer(range.lowerBound),
                "maximum": .integer(range.upperBound),
            ])
        case .moment:
            .members(["type": .string("string"), "format": .string("date-time")])
        case .words(let words):
            .members([
                "type": .string("array"), "minItems": .integer(1),
                "items": .members(["type": .string("string"), "enum": .array(words.map(JSON.string))]),
            ])
        }
    }
}
