package io.podlb.control.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * An object together with where it was read.
 *
 * @param object never changed after it was put here
 */
public record Sourced<T extends HasMetadata>(T object, Origin origin) {

    /** {@code Service default/web}, the way problems name it. */
    public String title() {
        return title(object);
    }

    /** {@code Service default/web}, the way problems name it. */
    public static String title(HasMetadata object) {
        String namespace = object.getMetadata().getNamespace();
        String name = object.getMetadata().getName();
        return object.getKind() + " " + (namespace == null ? "" : namespace + "/") + name;
    }
}
