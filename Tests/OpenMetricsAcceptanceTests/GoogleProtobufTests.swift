import Foundation
import OpenMetrics
import Testing

@Suite("Protobuf: others read the same messages")
struct GoogleProtobufTests {
  /// Reads a stream by the descriptions that were made of metrics.proto, and prints it as JSON.
  static let script = """
    import json, math, sys
    from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(open(sys.argv[1], 'rb').read()).file:
        pool.Add(file)
    family = message_factory.GetMessageClass(pool.FindMessageTypeByName('io.prometheus.client.MetricFamily'))
    stream, position, families = open(sys.argv[2], 'rb').read(), 0, {}
    while position < len(stream):
        length = shift = 0
        while True:
            byte = stream[position]
            position += 1
            length |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80: break
        message = family.FromString(stream[position:position + length])
        position += length
        assert message.ByteSize() == length, message.name
        families[message.name] = json_format.MessageToDict(message, preserving_proto_field_name=True)
    print(json.dumps(families))
    """

  struct Family: Decodable {
    var type: String
    var help: String?
    var unit: String?
    var metric: [Metric]
  }
  struct Metric: Decodable {
    var label: [Pair]?
    var gauge: Number?
    var counter: Number?
    var untyped: Number?
    var summary: Summary?
    var histogram: Histogram?
  }
  struct Pair: Decodable, Equatable {
    var name: String
    var value: String
  }
  struct Number: Decodable {
    var value: Value
    var exemplar: Exemplar?
    var start_timestamp: Timestamp?
  }
  /// A number; infinities are texts in JSON.
  struct Value: Decodable, Equatable {
    var number: Double
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        self.number = number
      } else {
        self.number = try container.decode(String.self) == "Infinity" ? .infinity : .nan
      }
    }
  }
  struct Exemplar: Decodable {
    var label: [Pair]
    var value: Double
    var timestamp: Timestamp?
  }
  struct Timestamp: Decodable { var seconds: String }
  struct Summary: Decodable {
    var sample_count: String
    var sample_sum: Double
    var quantile: [Quantile]
  }
  struct Quantile: Decodable {
    var quantile: Double
    var value: Double
  }
  struct Span: Decodable, Equatable {
    var offset: Int
    var length: Int
  }
  struct Histogram: Decodable {
    var sample_count: String?
    var sample_count_float: Double?
    var sample_sum: Double
    var schema: Int?
    var zero_count: String?
    var zero_count_float: Double?
    var negative_span: [Span]?
    var negative_delta: [String]?
    var positive_span: [Span]?
    var positive_delta: [String]?
    var positive_count: [Double]?
    var bucket: [Bucket]?
    var exemplars: [Exemplar]?
  }
  struct Bucket: Decodable {
    var cumulative_count: String
    var upper_bound: Value
    var exemplar: Exemplar?
  }

  @Test(
    "google's runtime reads our stream, every value as it was", .needsPython("google.protobuf"),
    .needs("protoc-c", of: "protobuf-c-compiler"))
  func google() async throws {
    let families = try await withTemporaryDirectory { folder in
      try await Self.describe(in: folder)
      let options = Exposition.Options(escaping: .allowUTF8)
      let bytes = Exposition.write(try Samples.families(), as: .protobuf, options: options)
      try Data(bytes).write(to: URL(filePath: folder + "/stream"))
      let output = try await Program.run(
        Surroundings.python, ["-c", Self.script, folder + "/messages", folder + "/stream"], in: folder)
      return try JSONDecoder().decode([String: Family].self, from: Data(output.utf8))
    }
    #expect(families.count == 11)
    let counter = try #require(families["my.requests_total"])
    #expect(counter.type == "COUNTER" && counter.help == "Help of my.requests.")
    #expect(
      counter.metric.first?.label == [Pair(name: "code", value: "200"), Pair(name: "text", value: "a\0\"é")])
    #expect(counter.metric.first?.counter?.value.number == 3)
    #expect(counter.metric.first?.counter?.exemplar?.label == [Pair(name: "trace_id", value: "abc")])
    #expect(counter.metric.first?.counter?.start_timestamp != nil)
    #expect(families["temperature_celsius"]?.unit == "celsius")
    #expect(families["temperature_celsius"]?.metric.first?.gauge?.value.number == -2.5)
    #expect(families["odd"]?.metric.first?.untyped?.value.number == .infinity)
    #expect(families["build_info"]?.type == "GAUGE")
    #expect(families["state"]?.metric.map(\.gauge?.value.number) == [1, 0])
    #expect(families["wait"]?.metric.first?.summary?.quantile.first?.value == 4)
    let size = try #require(families["size"]?.metric.first?.histogram)
    #expect(size.bucket?.map(\.upper_bound.number) == [1, .infinity])
    #expect(size.bucket?.map(\.cumulative_count) == ["2", "3"])
    #expect(families["queue"]?.type == "GAUGE_HISTOGRAM")
    let latency = try #require(families["latency"]?.metric.first?.histogram)
    #expect(latency.schema == 3 && latency.sample_count == "22" && latency.zero_count == "1")
    #expect(latency.positive_span == [Span(offset: 1, length: 2), Span(offset: 3, length: 1)])
    #expect(latency.positive_delta == ["5", "-2", "6"] && latency.negative_delta == ["4"])
    #expect(latency.negative_span == [Span(offset: -2, length: 1)])
    #expect(latency.exemplars?.count == 1)
    let share = try #require(families["share"]?.metric.first?.histogram)
    #expect(
      share.sample_count_float == 4 && share.zero_count_float == 0.5 && share.positive_count == [1.5, 2])
    #expect(families["idle"]?.metric.first?.histogram?.positive_span == [Span(offset: 0, length: 0)])
  }

  private static func describe(in folder: String) async throws {
    _ = try await Program.run(
      "protoc-c",
      [
        "-I/usr/include", "-I\(Surroundings.messages)", "--include_imports",
        "--descriptor_set_out=\(folder)/messages", "metrics.proto",
      ], in: folder)
  }

  @Test("the generated C code is that of metrics.proto", .needs("protoc-c", of: "protobuf-c-compiler"))
  func generatedCode() async throws {
    try await withTemporaryDirectory { folder in
      _ = try await Program.run(
        "protoc-c", ["-I/usr/include", "-I\(Surroundings.messages)", "--c_out=\(folder)", "metrics.proto"],
        in: folder)
      for (made, kept) in [
        ("metrics.pb-c.c", "metrics.pb-c.c"), ("metrics.pb-c.h", "include/metrics.pb-c.h"),
      ] {
        let fresh = try Self.code(folder + "/" + made)
        #expect(try fresh == Self.code(Surroundings.messages + "/" + kept), "\(kept) is old: make proto")
        #expect(fresh.contains("Cmetrics__MetricFamily"))
      }
    }
  }

  /// Without the line that names the compiler's version.
  private static func code(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.contains("PROTOBUF_C_MIN_COMPILER_VERSION") && !$0.hasPrefix("#if PROTOBUF_C_VERSION") }
      .joined(separator: "\n")
  }
}
