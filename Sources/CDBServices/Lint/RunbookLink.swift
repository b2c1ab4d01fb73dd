import Foundation

/// Where an alert sends whoever it wakes: a page of `/playbooks/`, as a run serves them.
enum RunbookLink {
  /// What is wrong with a link; nil where it leads somewhere.
  ///
  /// - Parameter closed: the values of a label of the alert, where they are closed: `{{ $labels.check }}` stands for each.
  static func fault(_ link: String, closed: (String) -> Set<String>?) -> String? {
    guard let place = link.range(of: "/playbooks/") else {
      return "\(link) is no address of /playbooks/"
    }
    let page = link[place.upperBound...].prefix { $0 != "#" && $0 != "?" }
    guard !page.isEmpty else { return "\(link) names no page" }
    guard let template = page.firstMatch(of: /\{\{\s*\$labels\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/) else {
      return missing(String(page))
    }
    let label = String(template.output.1)
    guard let values = closed(label) else { return "nobody knows which values \(label) has in \(link)" }
    return values.sorted().lazy.compactMap { missing(page.replacingCharacters(in: template.range, with: $0)) }
      .first
  }

  private static func missing(_ page: String) -> String? {
    Playbook(path: "playbooks/\(page)") == nil ? "there is no playbook \(page)" : nil
  }
}
