import RemoteWrite
import Testing

@Suite("Patterns")
struct PatternTests {
  @Test(
    "a pattern matches the whole text as RE2 does",
    arguments: [
      ("", "", true), ("", "a", false), ("a", "a", true), ("a", "ab", false), ("a|ab", "ab", true),
      ("(.*)", "x\ny", true), ("a.c", "abc", true), ("a?b*c+", "bbcc", true), ("a{2,3}", "aaaa", false),
      ("a{2}", "aa", true), ("a{2,}", "aaaaa", true), ("a{,2}", "a{,2}", true), ("x{", "x{", true),
      ("[a-c]+", "abcab", true), ("[^a-c]+", "xyz", true), ("[^a-c]+", "xaz", false), ("[]a]+", "]a", true),
      ("[a-]+", "a-", true), ("[[:alpha:]_]+", "Ab_", true), ("[[:^digit:]]", "1", false),
      ("\\d+", "123", true),
      ("\\d+", "١٢", false), ("\\w+", "a_1", true), ("\\W", "é", true), ("\\S+\\s\\S+", "a b", true),
      ("(?i)foo", "FoO", true), ("(?i:f)oo", "FOO", false), ("(?i)[a-c]é", "BÉ", true),
      ("(?-s).", "\n", false),
      ("a(?i)b|c", "aB", true), ("a(?i)b|c", "C", true), ("(a(?i)b)c", "aBC", false),
      ("\\Qa.b\\E", "a.b", true), ("\\Qa.b\\E", "axb", false), ("\\.", ".", true),
      ("\\x41\\x{42}", "AB", true),
      ("^a$", "a", true), ("\\Aa\\z", "a", true), ("(?m)a$\\n^b", "a\nb", true), ("\\bfoo\\b", "foo", true),
      ("foo\\b.*", "foobar", false), ("(foo|bar)baz", "barbaz", true), ("(?:ab)*", "ababab", true),
      ("(a*)*", "aaaa", true), ("(a*)+b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false),
      ("(?P<n>x)(?<m>y)", "xy", true), ("日本.", "日本🚀", true), ("[\\w.-]+", "a-b.c", true),
    ] as [(String, String, Bool)])
  func matches(pattern: String, text: String, expected: Bool) throws {
    #expect((try Pattern(pattern).match(text) != nil) == expected, "\(pattern) on \(text)")
  }

  @Test(
    "groups are those of the leftmost, first alternative",
    arguments: [
      ("(a+)(a*)", "aaa", ["aaa", "aaa", ""]), ("(a+?)(a*)", "aaa", ["aaa", "a", "aa"]),
      ("(?U)(a+)(a*)", "aaa", ["aaa", "a", "aa"]), ("(a|ab)(c|bcd)?", "abcd", ["abcd", "a", "bcd"]),
      ("(x)?(y)", "y", ["y", "", "y"]), ("([^:]+):(\\d+)", "host:90", ["host:90", "host", "90"]),
      ("((a)|b)+", "ab", ["ab", "b", "a"]), ("(.*)-(.*)", "a-b-c", ["a-b-c", "a-b", "c"]),
    ] as [(String, String, [String])])
  func groups(pattern: String, text: String, expected: [String]) throws {
    let match = try #require(try Pattern(pattern).match(text))
    #expect(expected.indices.map { match[$0] } == expected)
  }

  @Test(
    "what RE2 refuses, or is not understood here, is refused and never taken for something else",
    arguments: [
      "(", ")", "a)", "[a", "[b-a]", "*a", "a**", "a{2}{3}", "a{1001}", "a{3,2}", "(?=a)", "(?!a)", "(?<=a)b",
      "(?<!a)b", "\\1", "\\k<a>", "(?P<a>x)(?P<a>y)", "(?z)", "\\p{L}", "\\", "[[:nope:]]", "\\xZ", "(?P<>x)",
      "(?>a)", "\\8",
    ])
  func refused(pattern: String) {
    #expect(throws: PatternError.self) { try Pattern(pattern) }
  }

  @Test("a pattern that is too large is refused")
  func tooLarge() {
    #expect(throws: PatternError.self) { try Pattern("((a{100}){100}){100}") }
    #expect(throws: PatternError.self) { try Pattern(String(repeating: "(", count: 5_000)) }
  }

  @Test(
    "a text that makes others go back and forth for ever takes no longer than others",
    .timeLimit(.minutes(10))
  )
  func noBacktracking() throws {
    let text = String(repeating: "a", count: 3_000)
    #expect(try Pattern("(a*)*b").match(text) == nil)
    #expect(try Pattern("(a|aa)+$").match(text) != nil)
    #expect(try Pattern("(.*)(.*)(.*)(.*)(.*)x").match(text) == nil)
  }

  @Test(
    "references are replaced as Go does",
    arguments: [
      ("$1", "x"), ("${1}", "x"), ("$1y", ""), ("${1}y", "xy"), ("$2-$n", "z-z"), ("${n}", "z"),
      ("$$1", "$1"),
      ("$0", "xz"), ("$9", ""), ("$", "$"), ("a$ b", "a$ b"), ("${1", "${1"), ("${}", "${}"), ("é$1", "éx"),
    ])
  func expanding(template: String, expected: String) throws {
    let match = try #require(try Pattern("(x)(?P<n>z)").match("xz"))
    #expect(match.expand(template) == expected)
  }
}
