import Testing

@testable import OpenMetricsHummingbird

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
    #expect(ScrapeQuery.names(in: query) == names)
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
