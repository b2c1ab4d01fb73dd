import Yams

/// A dashboard of Grafana: the PromQL of its panels, annotations and variables.
struct DashboardFile {
  /// Of panels and annotations.
  private(set) var expressions: [LintText] = []
  /// Labels that a variable asks for, `label_values(metric, label)`: the metric's selector and the label.
  private(set) var labelQueries: [(selector: LintText, label: String)] = []

  static func isOne(_ document: LintDocument) -> Bool {
    let fields = dashboard(document).fields
    return fields["panels"] != nil || fields["rows"] != nil || fields["templating"] != nil
  }

  /// As it is exported, or as the API takes it.
  private static func dashboard(_ document: LintDocument) -> Node {
    document.root.fields["dashboard"] ?? document.root
  }

  init(_ document: LintDocument) {
    let root = Self.dashboard(document)
    walk(root, in: document, isPrometheus: true)
    for variable in root.fields["templating"]?.fields["list"]?.items ?? [] {
      guard variable.fields["type"]?.scalarText == "query", Self.isPrometheus(variable) else { continue }
      let query = variable.fields["query"]
      if let text = document.text(query?.fields["query"] ?? query) { read(Self.oneLine(text)) }
    }
  }

  /// Other databases call their queries `expr` too.
  private static func isPrometheus(_ node: Node) -> Bool {
    let type = node.fields["datasource"]?.fields["type"]?.scalarText
    return type == nil || type == "prometheus"
  }

  private mutating func walk(_ node: Node, in document: LintDocument, isPrometheus: Bool) {
    switch node {
    case .mapping:
      // What a panel's queries do not say of themselves is the panel's.
      let type = node.fields["datasource"]?.fields["type"]?.scalarText
      let isPrometheus = type.map { $0 == "prometheus" || $0.hasPrefix("$") } ?? isPrometheus
      for (key, value) in node.fields {
        if key == "expr", let text = document.text(value) {
          if isPrometheus, !text.text.isEmpty { expressions.append(Self.oneLine(text)) }
        } else {
          walk(value, in: document, isPrometheus: isPrometheus)
        }
      }
    case .sequence(let sequence):
      for item in sequence { walk(item, in: document, isPrometheus: isPrometheus) }
    case .scalar, .alias: break
    }
  }

  private static func oneLine(_ text: LintText) -> LintText {
    LintText(file: text.file, line: text.line, text: text.text, layout: .onOneLine)
  }

  /// What Grafana's Prometheus source understands as a variable's query.
  private mutating func read(_ query: LintText) {
    let text = query.text.trimmingPrefix { $0.isWhitespace }
    guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close else {
      return
    }
    let inner = text[text.index(after: open)..<close]
    func part(_ text: Substring) -> LintText {
      LintText(file: query.file, line: query.line, text: String(text), layout: .onOneLine)
    }
    switch text[..<open] {
    case "query_result": expressions.append(part(inner))
    case "label_values":
      // With one argument it is a label of whatever has it.
      guard let comma = inner.lastIndex(of: ",") else { return }
      let label = inner[inner.index(after: comma)...].filter { !$0.isWhitespace }
      labelQueries.append((part(inner[..<comma]), label))
    default: break
    }
  }
}
