import Testing

@testable import OpenMetrics

@Suite("The query of a scrape")
struct ScrapeQueryTests {
  @Test(
    "names are found in every spelling of the brackets",
    arguments: [
      (nil, []), ("", []), ("name[]=a&name[]=b", ["a", "b"]), ("name%5B%5D=a", ["a"]),
      ("name%5b]=a&x=y", ["a"]),
      ("name=a", []), ("name[]", []), ("&&=&name[]=a", ["a"]), ("name[]=a=b", ["a=b"]), ("name[]=", [""]),
    ] as [(String?, [String])])
  func names(_ query: String?, _ names: [String]) {
    #expect(ScrapeRequest(query: query) { _ in nil }.names == names)
  }

  @Test("headers and decoded pairs make the same request as a URL")
  func headers() {
    let headers = [
      "Accept": "text/plain", "Accept-Encoding": "gzip", "X-Prometheus-Scrape-Timeout-Seconds": "2.5",
    ]
    let expected = ScrapeRequest(
      accept: "text/plain", acceptEncoding: "gzip", names: ["a b", "c"], timeout: "2.5")
    #expect(ScrapeRequest(query: "name[]=a+b&x=1&name%5B%5D=c") { headers[$0] } == expected)
    let pairs = [("name[]", "a b"), ("x", "1"), ("name[]", "c")]
    #expect(ScrapeRequest(query: pairs.map { (name: $0, value: $1) }) { headers[$0] } == expected)
  }

  @Test(
    "what is no valid encoding stands for itself",
    arguments: [
      ("a%20b", "a b"), ("a+b", "a b"), ("%C3%BC", "ü"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"),
      ("%+1", "%+1"),
      ("%FF", "%FF"), ("", ""), ("%25", "%"),
    ])
  func decoded(_ text: String, _ result: String) {
    #expect(ScrapeQuery.decoded(text[...]) == result)
  }
}
