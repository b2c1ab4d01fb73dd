/// What a job makes of the addresses that were found. A pure value.
struct JobTargets: Sendable {
  /// A target, and the labels that it was found with.
  struct Active: Sendable, Equatable {
    let target: Target
    let discovered: SeriesLabels
  }

  let job: ScrapeJob
  /// Each once, in the order of the groups.
  private(set) var active: [Active] = []
  /// Those that a rule drops; as many as the job shows.
  private(set) var dropped: [DroppedTarget] = []
  /// How many a rule drops.
  private(set) var droppedCount = 0
  /// Why there is none for an address, or none at all.
  private(set) var faults: [ConfigurationFault] = []

  init(job: ScrapeJob, groups: [TargetGroup]) {
    self.job = job
    var seen = Set<Target>()
    for group in groups {
      for address in group.addresses {
        let labels = Target.discovered(address, group.labels, job: job)
        do throws(ConfigurationFault) {
          if let target = try Target(labels, job: job) {
            if seen.insert(target).inserted { active.append(Active(target: target, discovered: labels)) }
          } else {
            droppedCount += 1
            if job.keptDroppedTargets == 0 || dropped.count < job.keptDroppedTargets {
              dropped.append(DroppedTarget(job: job.name, discovered: labels))
            }
          }
        } catch {
          faults.append(error)
        }
      }
    }
    guard job.limits.targets > 0, active.count > job.limits.targets else { return }
    faults.append(
      ConfigurationFault(
        line: nil, path: "job \(job.name)",
        reason: "\(active.count) targets, and target_limit is \(job.limits.targets)"))
    active = []
  }
}

/// An address that a rule drops.
public struct DroppedTarget: Sendable, Equatable {
  public let job: String
  /// The labels that it was found with.
  public let discovered: SeriesLabels
}
