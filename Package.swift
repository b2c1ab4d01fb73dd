// swift-tools-version: 6.2
import PackageDescription

// The floors of the house, lowest first. A target depends only on targets of its own floor or of a
// lower one; Tests/HouseTests reads this file's targets and the sources' imports and keeps it true.
// docs/01_architektur/house.md has the reasons.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// The commit that is built, for `cdb --version` and `cdb_build_info`. The Makefile passes it: SwiftPM
// remembers what a manifest said, so asking git here would go on naming an old commit.
let revision = Context.environment["CDB_REVISION"] ?? "unknown"

let package = Package(
  name: "cdb",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "cdb", targets: ["cdb"]),
    .library(name: "OpenMetrics", targets: ["OpenMetrics"]),
    .library(name: "OpenMetricsHummingbird", targets: ["OpenMetricsHummingbird"]),
    .library(name: "OpenMetricsSwiftMetrics", targets: ["OpenMetricsSwiftMetrics"]),
    .library(name: "OpenMetricsPush", targets: ["OpenMetricsPush"]),
    .library(name: "OpenMetricsTesting", targets: ["OpenMetricsTesting"]),
    .library(name: "OpenMetricsTracing", targets: ["OpenMetricsTracing"]),
    .library(name: "StructuredLogging", targets: ["StructuredLogging"]),
    .library(name: "DurableQueue", targets: ["DurableQueue"]),
    .library(name: "RedisTransport", targets: ["RedisTransport"]),
    .library(name: "RemoteWrite", targets: ["RemoteWrite"]),
    .library(name: "LogShipping", targets: ["LogShipping"]),
    .library(name: "HTTPTransport", targets: ["HTTPTransport"]),
    .library(name: "ModelContextProtocol", targets: ["ModelContextProtocol"]),
    .library(name: "PostgresClient", targets: ["PostgresClient"]),
    .library(name: "ServiceRuntime", targets: ["ServiceRuntime"]),
    .library(name: "TaskTiming", targets: ["TaskTiming"]),
    .library(name: "WebSocketTransport", targets: ["WebSocketTransport"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Floor 0: what C has already.
    .target(name: "CBuildInfo", cSettings: [.define("CDB_REVISION", to: "\"\(revision)\"")]),
    .target(name: "CCRC32C"),
    .target(name: "CMallocStatistics"),
    .target(name: "CMetricArena"),
    .target(name: "CElk"),
    .target(name: "CPlaybooks"),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    // Without pkg-config: hiredis's names a flag that SwiftPM warns of, and its headers stand where all do.
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(
      name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
    .systemLibrary(name: "CPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .target(name: "CMetricsProtobuf", dependencies: ["CProtobufC"], exclude: ["metrics.proto"]),
    .target(name: "CPrometheusProto", dependencies: ["CProtobufC"], exclude: ["remote_write.proto"]),
    .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // Floor 1: useful to anyone, knows nothing of CDB.
    .target(
      name: "OpenMetrics",
      dependencies: ["CMallocStatistics", "CMetricArena", "CMetricsProtobuf", "CProtobufC", "CZlib"]),
    .target(
      name: "OpenMetricsHummingbird",
      dependencies: [
        "OpenMetrics", .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
      ]),
    .target(
      name: "OpenMetricsSwiftMetrics",
      dependencies: [
        "OpenMetrics", .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(name: "OpenMetricsTesting", dependencies: ["OpenMetrics"]),
    .target(
      name: "OpenMetricsTracing",
      dependencies: ["OpenMetrics", .product(name: "Instrumentation", package: "swift-distributed-tracing")]),
    .target(
      name: "StructuredLogging",
      dependencies: [.product(name: "Logging", package: "swift-log")]),
    .target(name: "DurableQueue", dependencies: ["CCRC32C"]),
    .target(name: "HTTPTransport", dependencies: ["CCurl"]),
    .target(
      name: "ModelContextProtocol", dependencies: [.product(name: "Logging", package: "swift-log")]),
    .target(name: "TaskTiming"),
    .target(name: "PostgresClient", dependencies: ["CPQ"]),
    .target(name: "OpenMetricsPush", dependencies: ["HTTPTransport", "OpenMetrics"]),
    .target(
      name: "RedisTransport",
      dependencies: [
        "CHiredis", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    .target(
      name: "LogShipping",
      dependencies: [
        "CCRC32C", "CZlib", "HTTPTransport", "TaskTiming", .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "RemoteWrite",
      dependencies: [
        "CCRC32C", "CMetricsProtobuf", "CPrometheusProto", "CProtobufC", "CSnappy", "DurableQueue",
        "HTTPTransport", "OpenMetrics", "TaskTiming", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"), .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "ServiceRuntime",
      dependencies: [
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "WebSocketTransport",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOWebSocket", package: "swift-nio"),
      ]),

    // Floor 2: the domain, pure.
    .target(name: "CDBDomain"),

    // Floor 3: the pipeline.
    .target(
      name: "CDBPipeline",
      dependencies: [
        "CDBDomain", "DurableQueue", "OpenMetrics", "PostgresClient", "RedisTransport", "StructuredLogging",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "CDBGate",
      dependencies: ["CDBDomain", "CDBPipeline"]),

    // Floor 4: feeds and the wiring of each service.
    .target(
      name: "CDBServices",
      dependencies: [
        "CBuildInfo", "CDBDomain", "CDBGate", "CDBPipeline", "CElk", "CPlaybooks", "CZlib", "DurableQueue",
        "HTTPTransport", "LogShipping", "OpenMetrics", "PostgresClient", "RedisTransport", "RemoteWrite",
        "ServiceRuntime", "StructuredLogging", "WebSocketTransport",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOWebSocket", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Yams", package: "Yams"),
      ],
      resources: [.embedInCode("Page/Assets/status-page.css"), .embedInCode("Page/Assets/status-page.js")]),

    // Floor 5: the command line.
    .executableTarget(
      name: "cdb",
      dependencies: [
        "CDBDomain", "CDBGate", "CDBServices", "LogShipping", "RemoteWrite", "ServiceRuntime",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Ports for servers that tests start.
    .target(
      name: "LoopbackPorts", path: "Tests/Fixtures/LoopbackPorts"),
    // A server that tests and benchmarks answer by a function.
    .target(
      name: "HTTPServerFixture", path: "Tests/Fixtures/HTTPServerFixture"),
    // Programs, folders and conditions of tests that end what they begin.
    .target(name: "ProgramFixture", path: "Tests/Fixtures/ProgramFixture"),
    // Tests mirror the sources. Fixtures are small programs that a test starts to see how a process dies.
    .testTarget(
      name: "OpenMetricsTests", dependencies: ["CMetricArena", "CZlib", "OpenMetrics"]),
    .testTarget(
      name: "OpenMetricsHummingbirdTests",
      dependencies: [
        "OpenMetrics", "OpenMetricsHummingbird", "OpenMetricsTesting",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
      ]),
    .testTarget(
      name: "OpenMetricsSwiftMetricsTests",
      dependencies: [
        "OpenMetrics", "OpenMetricsSwiftMetrics", "OpenMetricsTesting",
        .product(name: "Metrics", package: "swift-metrics"), .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "OpenMetricsTestingTests", dependencies: ["OpenMetrics", "OpenMetricsTesting"]),
    .testTarget(
      name: "OpenMetricsTracingTests",
      dependencies: [
        "OpenMetrics", "OpenMetricsTracing",
        .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
        .product(name: "Instrumentation", package: "swift-distributed-tracing"),
        .product(name: "Tracing", package: "swift-distributed-tracing"),
      ]),
    .testTarget(
      name: "OpenMetricsPushTests", dependencies: ["HTTPTransport", "OpenMetrics", "OpenMetricsPush"]),
    .testTarget(
      name: "OpenMetricsAcceptanceTests",
      dependencies: [
        "HTTPServerFixture", "HTTPTransport", "LoopbackPorts", "OpenMetrics", "OpenMetricsPush",
      ]),
    .executableTarget(
      name: "StructuredLoggingCrashChild",
      dependencies: ["StructuredLogging", .product(name: "Logging", package: "swift-log")],
      path: "Tests/Fixtures/StructuredLoggingCrashChild"),
    .testTarget(
      name: "StructuredLoggingTests",
      dependencies: [
        "StructuredLogging", "StructuredLoggingCrashChild", .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "DurableQueueCrashChild", dependencies: ["DurableQueue"],
      path: "Tests/Fixtures/DurableQueueCrashChild"),
    .testTarget(
      name: "DurableQueueTests", dependencies: ["CCRC32C", "DurableQueue", "DurableQueueCrashChild"]),
    .target(
      name: "RedisServerFixture", dependencies: ["LoopbackPorts", "RedisTransport"],
      path: "Tests/Fixtures/RedisServerFixture"),
    .testTarget(
      name: "RedisTransportTests",
      dependencies: [
        "LoopbackPorts", "RedisServerFixture", "RedisTransport",
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    .executableTarget(
      name: "BridgeCrashChild",
      dependencies: ["RemoteWrite", .product(name: "Logging", package: "swift-log")],
      path: "Tests/Fixtures/BridgeCrashChild"),
    .testTarget(
      name: "RemoteWriteTests",
      dependencies: [
        "BridgeCrashChild", "DurableQueue", "HTTPServerFixture", "HTTPTransport", "LoopbackPorts",
        "OpenMetrics", "ProgramFixture", "RemoteWrite", "TaskTiming",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "ShipperCrashChild",
      dependencies: ["LogShipping", .product(name: "Logging", package: "swift-log")],
      path: "Tests/Fixtures/ShipperCrashChild"),
    .testTarget(
      name: "LogShippingTests",
      dependencies: [
        "CZlib", "HTTPServerFixture", "HTTPTransport", "LogShipping", "LoopbackPorts", "ProgramFixture",
        "ShipperCrashChild", "TaskTiming", .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(name: "HTTPTransportTests", dependencies: ["HTTPTransport"]),
    .executableTarget(
      name: "MCPEverythingServer",
      dependencies: ["ModelContextProtocol", .product(name: "Logging", package: "swift-log")],
      path: "Tests/Fixtures/MCPEverythingServer"),
    .testTarget(
      name: "ModelContextProtocolTests",
      dependencies: [
        "MCPEverythingServer", "ModelContextProtocol", "ProgramFixture",
        .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["Scripts"]),
    .testTarget(name: "TaskTimingTests", dependencies: ["TaskTiming"]),
    .executableTarget(
      name: "DrainFixture",
      dependencies: [
        "ServiceRuntime", .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      path: "Tests/Fixtures/DrainFixture"),
    .testTarget(
      name: "ServiceRuntimeTests",
      dependencies: [
        "DrainFixture", "HTTPTransport", "ServiceRuntime", .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    .testTarget(
      name: "WebSocketTransportTests",
      dependencies: [
        "WebSocketTransport", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    .testTarget(name: "CDBDomainTests", dependencies: ["CDBDomain"]),
    // A PostgreSQL server for whoever tests with one.
    .target(
      name: "PostgresTesting", dependencies: ["LoopbackPorts", "PostgresClient"],
      path: "Tests/Fixtures/PostgresTesting"),
    .testTarget(
      name: "PostgresClientTests", dependencies: ["PostgresClient", "PostgresTesting"]),
    .testTarget(
      name: "CDBPipelineTests",
      dependencies: [
        "CDBDomain", "CDBPipeline", "DurableQueue", "OpenMetrics", "PostgresClient", "PostgresTesting",
        "RedisServerFixture", "RedisTransport", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "CDBGateTests", dependencies: ["CDBDomain", "CDBGate", "CDBPipeline"]),
    .testTarget(
      name: "CDBServicesTests",
      dependencies: [
        "CDBDomain", "CDBGate", "CDBPipeline", "CDBServices", "CZlib", "DurableQueue", "HTTPTransport",
        "LogShipping", "OpenMetrics", "OpenMetricsTesting", "RemoteWrite", "ServiceRuntime",
        "WebSocketTransport", .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    .testTarget(
      name: "CDBCampaignTests",
      dependencies: [
        "CDBDomain", "CDBGate", "CDBPipeline", "CDBServices", "DurableQueue",
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "CDBAcceptanceTests",
      dependencies: [
        "LoopbackPorts", "PostgresClient", "PostgresTesting", "RedisServerFixture", "RedisTransport",
        "StageCrashChild", "cdb",
      ],
      exclude: ["Browser", "Golden"]),
    .executableTarget(
      name: "StageCrashChild", dependencies: ["CDBDomain", "CDBPipeline", "CDBServices"],
      path: "Tests/Fixtures/StageCrashChild"),
    .testTarget(name: "HouseTests"),

    // Benchmarks: `make bench`.
    .executableTarget(
      name: "CDBBenchmarks",
      dependencies: [
        "CDBDomain", "CDBPipeline", "CDBServices", "HTTPTransport", "LoopbackPorts", "OpenMetrics",
        "PostgresClient", "PostgresTesting", "RedisServerFixture", "ServiceRuntime",
      ],
      path: "Tests/Benchmarks/CDBBenchmarks"),
    .executableTarget(
      name: "DurableQueueBenchmark", dependencies: ["CCRC32C", "DurableQueue"],
      path: "Tests/Benchmarks/DurableQueueBenchmark"),
    .target(name: "CBenchmarking", path: "Tests/Benchmarks/CBenchmarking"),
    .executableTarget(
      name: "OpenMetricsBenchmark",
      dependencies: ["CBenchmarking", "CMallocStatistics", "CMetricArena", "OpenMetrics"],
      path: "Tests/Benchmarks/OpenMetricsBenchmark"),
    .executableTarget(
      name: "OpenMetricsParserBenchmark", dependencies: ["OpenMetrics"],
      path: "Tests/Benchmarks/OpenMetricsParserBenchmark"),
    .executableTarget(
      name: "RedisEdgeBenchmark",
      dependencies: ["CDBDomain", "CDBPipeline", "RedisServerFixture", "RedisTransport"],
      path: "Tests/Benchmarks/RedisEdgeBenchmark"),
    .executableTarget(
      name: "RemoteWriteBenchmark", dependencies: ["HTTPServerFixture", "LoopbackPorts", "RemoteWrite"],
      path: "Tests/Benchmarks/RemoteWriteBenchmark"),
    .executableTarget(
      name: "StructuredLoggingBenchmark",
      dependencies: ["StructuredLogging", .product(name: "Logging", package: "swift-log")],
      path: "Tests/Benchmarks/StructuredLoggingBenchmark"),
  ]
)

// Every target of Swift is held to the same rules; in one of C there is nothing that they are for.
for target in package.targets where target.type != .system { target.swiftSettings = strict }
