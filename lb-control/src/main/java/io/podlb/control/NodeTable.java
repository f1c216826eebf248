package io.podlb.control;

import io.fabric8.kubernetes.api.model.Service;
import io.podlb.control.address.Placement;
import io.podlb.control.cluster.Inventory;
import io.podlb.control.cluster.Inventory.ServiceObjects;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.cluster.Sourced;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.NodeFacts;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServiceEndpoints;
import io.podlb.control.translate.ServicePlan;
import io.podlb.control.translate.ServicePortSpecs;
import io.podlb.control.translate.ServiceTranslator;
import io.podlb.control.translate.TranslateOptions;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.ServiceTable;
import io.podlb.server.service.TableChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plans and specs of every Service of an inventory, each renewed by itself. Control thread only, but for {@link
 * #plans}.
 */
final class NodeTable {

    private static final Logger log = LoggerFactory.getLogger(NodeTable.class);

    private final Inventory inventory;
    private final TranslateOptions options;
    private final ConcurrentSkipListMap<ServiceKey, ServicePlan> plans = new ConcurrentSkipListMap<>();
    private final Map<ServiceKey, Map<ServicePortName, ServicePortSpec>> specs = new HashMap<>();

    private boolean portsChanged;

    NodeTable(Inventory inventory, TranslateOptions options) {
        this.inventory = inventory;
        this.options = options;
    }

    /** All plans by namespace and name. Any thread. */
    List<ServicePlan> plans() {
        return List.copyOf(plans.values());
    }

    /** One of them; null if there is no such Service. Any thread. */
    @Nullable
    ServicePlan plan(ServiceKey key) {
        return plans.get(key);
    }

    int size() {
        return plans.size();
    }

    /** Every Service that is known or was. */
    Set<ServiceKey> everything() {
        Set<ServiceKey> keys = new HashSet<>(inventory.keys());
        keys.addAll(specs.keySet());
        keys.addAll(plans.keySet());
        return keys;
    }

    /** Renews the plans of these Services and gives back those that came out different. */
    Set<ServiceKey> plan(Collection<ServiceKey> keys, NodeFacts node) {
        ServiceTranslator translator = new ServiceTranslator(node, options);
        Set<ServiceKey> changed = new HashSet<>();
        for (ServiceKey key : keys) {
            ServiceObjects objects = inventory.get(key);
            ServicePlan next = objects.service() == null ? null : plan(objects.service(), objects, translator);
            ServicePlan before = next == null ? plans.remove(key) : plans.put(key, next);
            portsChanged |= !ports(before).equals(ports(next));
            if (next == null ? before != null : !next.equals(before)) {
                changed.add(key);
                ProblemLog.log(
                        before == null ? List.of() : before.problems(), next == null ? List.of() : next.problems());
            }
        }
        return changed;
    }

    /** Whether service ports have come or gone since the last call. */
    boolean takePortsChanged() {
        boolean changed = portsChanged;
        portsChanged = false;
        return changed;
    }

    private static Set<ServicePortName> ports(@Nullable ServicePlan plan) {
        Set<ServicePortName> names = new HashSet<>();
        if (plan != null) {
            plan.ports().forEach(port -> port.families().forEach(family -> names.add(family.name())));
        }
        return names;
    }

    private static ServicePlan plan(Sourced<Service> service, ServiceObjects objects, ServiceTranslator translator) {
        try {
            return translator.plan(service, new ServiceEndpoints(objects.slices(), Map.of(), List.of()));
        } catch (RuntimeException e) {
            // Whatever is odd about this one, the others are served.
            log.error("{} could not be translated and is not served", service.title(), e);
            ServiceKey key = ServiceKey.of(service.object());
            return new ServicePlan(
                    key.namespace(), key.name(), "ClusterIP", List.of(), List.of(), List.of(failure(service, e)));
        }
    }

    private static Problem failure(Sourced<?> service, RuntimeException e) {
        return new Problem(
                Problem.Severity.ERROR,
                service.origin(),
                service.title(),
                null,
                "podlb failed on it: " + e,
                "report it; the log has the details");
    }

    /** What the plans of these Services, so placed, change in the data plane. */
    TableChange change(long version, Collection<ServiceKey> keys, Placement placement) {
        List<ServicePortSpec> put = new ArrayList<>();
        Set<ServicePortName> removed = new HashSet<>();
        for (ServiceKey key : keys) {
            Map<ServicePortName, ServicePortSpec> next = specs(plans.get(key), placement);
            Map<ServicePortName, ServicePortSpec> before = next.isEmpty() ? specs.remove(key) : specs.put(key, next);
            Map<ServicePortName, ServicePortSpec> known = before == null ? Map.of() : before;
            next.values().stream()
                    .filter(spec -> !spec.equals(known.get(spec.name())))
                    .forEach(put::add);
            known.keySet().stream().filter(name -> !next.containsKey(name)).forEach(removed::add);
        }
        return new TableChange(version, put, removed);
    }

    /** Everything, as of the latest {@link #change}. */
    ServiceTable whole(long version) {
        return ServiceTable.of(
                version,
                specs.values().stream().flatMap(one -> one.values().stream()).toList());
    }

    private static Map<ServicePortName, ServicePortSpec> specs(@Nullable ServicePlan plan, Placement placement) {
        Map<ServicePortName, ServicePortSpec> specs = new HashMap<>();
        if (plan != null) {
            for (PortPlan port : plan.ports()) {
                for (FamilyPlan family : port.families()) {
                    ServicePortSpec spec =
                            ServicePortSpecs.of(family, frontend -> placement.of(family.name(), frontend));
                    specs.put(spec.name(), spec);
                }
            }
        }
        return specs;
    }
}
