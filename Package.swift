// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .unsafeFlags(["-warnings-as-errors"]),
    // Locks, mailboxes and values of one module are specialised in the next.
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "mwdb-webhooks",
    products: [.executable(name: "mwdb-webhooks", targets: ["mwdb-webhooks"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    ],
    targets: [
        // System libraries: a module map and a shim each, nothing else.
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CLinux"),

        // In the order in which an event flows.
        module("Model", [.product(name: "Crypto", package: "swift-crypto")]),
        module("Settings", ["Model"]),
        module("Mailbox", ["CLinux"]),
        module(
            "Outbox",
            [
                "Model", "Mailbox", "CSQLite", "CLinux",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        module(
            "Courier",
            [
                "Model", "Mailbox", "CCurl", "CLinux",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        module(
            "Dispatcher",
            [
                "Model", "Settings", "Mailbox", "Outbox", "Courier", "CLinux",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        module(
            "Web",
            [
                "Model", "Settings", "Mailbox", "Outbox", "Dispatcher", "CLinux",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        module(
            "Bench",
            [
                "Model", "Settings", "Mailbox", "Outbox", "Courier", "Dispatcher", "Web", "CLinux",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "mwdb-webhooks",
            dependencies: [
                "Model", "Settings", "Mailbox", "Outbox", "Courier", "Dispatcher", "Web", "Bench",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),

        tests("ModelTests", ["Model"]),
        tests("SettingsTests", ["Settings"]),
        tests("OutboxTests", ["Outbox"]),
        tests("CourierTests", ["Courier"]),
        tests("DispatcherTests", ["Dispatcher"]),
        tests("WebTests", ["Web", "mwdb-webhooks"]),
    ]
)
