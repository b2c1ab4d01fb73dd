import OpenMetrics
import RemoteWrite
import Testing

@Suite("Labels of a series")
struct LabelTests {
  @Test("they are sorted by the bytes of their names, whatever the order they come in")
  func sorted() {
    let labels = SeriesLabels([Label("b", "2"), Label("__name__", "up"), Label("a", "1"), Label("é", "3")])
    #expect(labels.labels.map(\.name) == ["__name__", "a", "b", "é"])
  }

  @Test("an empty value is no label, and setting one removes it")
  func empty() {
    var labels: SeriesLabels = ["a": "1", "b": ""]
    #expect(labels.labels.map(\.name) == ["a"])
    labels["a"] = ""
    labels[""] = "x"
    #expect(labels.isEmpty)
    #expect(labels["a"] == "")
  }

  @Test("one name has one value, the last one, and names are told apart by bytes")
  func oneValue() {
    // One character in two spellings: to Prometheus two names.
    let labels = SeriesLabels([
      Label("a", "1"), Label("a", "2"), Label("\u{e9}", "3"), Label("e\u{301}", "4"),
    ])
    #expect(labels.labels.count == 3)
    #expect(labels["a"] == "2")
    #expect(labels["e\u{301}"] == "4")
  }
}
