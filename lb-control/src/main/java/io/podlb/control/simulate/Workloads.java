package io.podlb.control.simulate;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Pods that the controllers of Kubernetes would make of a workload, under names of the same shape. The names depend
 * on nothing but the workload and the number of the replica, so scaling adds and removes at the end, and an edited
 * template of a Deployment gives all of them new names, as a rollout does.
 */
public final class Workloads {

    /** Kubernetes' own: no vowels and nothing that is easily misread. */
    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    static final String TEMPLATE_HASH = "pod-template-hash";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private Workloads() {}

    /** How many Pods it asks for; 0 if another workload owns it, since that one is asked then. */
    public static int replicas(HasMetadata workload) {
        if (!workload.getMetadata().getOwnerReferences().isEmpty()) {
            return 0;
        }
        Integer replicas = null;
        if (workload instanceof Deployment deployment && deployment.getSpec() != null) {
            replicas = deployment.getSpec().getReplicas();
        } else if (workload instanceof ReplicaSet set && set.getSpec() != null) {
            replicas = set.getSpec().getReplicas();
        } else if (workload instanceof StatefulSet set && set.getSpec() != null) {
            replicas = set.getSpec().getReplicas();
        }
        return template(workload) == null ? 0 : replicas == null ? 1 : Math.max(0, replicas);
    }

    /** Its first {@code count} Pods. */
    public static List<Pod> pods(HasMetadata workload, int count) {
        return pods(workload, 0, count);
    }

    /** {@code count} of its Pods from the one with that number on; they are numbered from 0. */
    public static List<Pod> pods(HasMetadata workload, int first, int count) {
        PodTemplateSpec template = template(workload);
        List<Pod> pods = new ArrayList<>(count);
        if (template != null) {
            String name = workload.getMetadata().getName();
            String hash = workload instanceof Deployment ? letters(JSON.writeValueAsString(template), 10) : null;
            String prefix = hash == null ? name : name + "-" + hash;
            String seed = workload.getKind() + "/" + workload.getMetadata().getNamespace() + "/" + prefix + "/";
            for (int i = first; i < first + count; i++) {
                String suffix = workload instanceof StatefulSet set
                        ? Integer.toString(firstOrdinal(set) + i)
                        : letters(seed + i, 5);
                pods.add(pod(workload, template, prefix + "-" + suffix, hash));
            }
        }
        return pods;
    }

    private static Pod pod(HasMetadata workload, PodTemplateSpec template, String name, @Nullable String hash) {
        Map<String, String> labels = new LinkedHashMap<>();
        Map<String, String> annotations = new LinkedHashMap<>();
        if (template.getMetadata() != null) {
            labels.putAll(template.getMetadata().getLabels());
            annotations.putAll(template.getMetadata().getAnnotations());
        }
        if (hash != null) {
            labels.put(TEMPLATE_HASH, hash);
        }
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(workload.getMetadata().getNamespace())
                .withName(name)
                .withLabels(labels)
                .withAnnotations(annotations)
                .endMetadata()
                .withSpec(template.getSpec())
                .build();
    }

    private static @Nullable PodTemplateSpec template(HasMetadata workload) {
        if (workload instanceof Deployment deployment && deployment.getSpec() != null) {
            return deployment.getSpec().getTemplate();
        } else if (workload instanceof ReplicaSet set && set.getSpec() != null) {
            return set.getSpec().getTemplate();
        } else if (workload instanceof StatefulSet set && set.getSpec() != null) {
            return set.getSpec().getTemplate();
        }
        return null;
    }

    private static int firstOrdinal(StatefulSet set) {
        var ordinals = set.getSpec().getOrdinals();
        return ordinals == null || ordinals.getStart() == null ? 0 : ordinals.getStart();
    }

    private static String letters(String text, int count) {
        StringBuilder letters = new StringBuilder(count);
        long rest = 0;
        for (int i = 0; i < count; i++) {
            if (i % 5 == 0) {
                // 27^5 is well below 2^32: five letters per checksum, each round with another seed.
                CRC32 crc = new CRC32();
                crc.update((i + "/" + text).getBytes(StandardCharsets.UTF_8));
                rest = crc.getValue();
            }
            letters.append(ALPHABET.charAt((int) (rest % ALPHABET.length())));
            rest /= ALPHABET.length();
        }
        return letters.toString();
    }
}
