package io.podlb.control.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import io.podlb.control.cluster.Sourced;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Reads the objects of one file. One instance per file; confined to the thread that reads. */
final class ManifestParser {

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern DNS_SUBDOMAIN = Pattern.compile("[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?");
    private static final int MAX_LISTS_IN_LISTS = 4;

    /** Ten times what a cluster of ten thousand Services has; markers alone could make millions. */
    private static final int MAX_DOCUMENTS = 200_000;

    private final String file;
    private final List<Sourced<HasMetadata>> objects = new ArrayList<>();
    private final List<FileObjects.Ignored> ignored = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    private ManifestParser(String file) {
        this.file = file;
    }

    /**
     * Reads every document that can be read; mistakes are problems of the result.
     *
     * @param file the name that problems use
     */
    static FileObjects parse(String file, String text) {
        ManifestParser parser = new ManifestParser(file);
        int further = 0;
        List<Chunk> chunks = Chunk.split(text);
        if (chunks.size() > MAX_DOCUMENTS) {
            parser.problems.add(new Problem(
                    Severity.ERROR,
                    new Origin(file, 0),
                    null,
                    null,
                    "has more than " + MAX_DOCUMENTS + " documents",
                    "split it"));
            return new FileObjects(List.of(), List.of(), parser.problems);
        }
        for (Chunk chunk : chunks) {
            further += parser.chunk(text, chunk, chunk.number() + further);
        }
        return new FileObjects(parser.objects, parser.ignored, parser.problems);
    }

    /** Returns how many documents it holds beyond the first: JSON values need no marker between them. */
    private int chunk(String text, Chunk chunk, int number) {
        List<Object> trees = new ArrayList<>();
        RefusedException refused = null;
        try {
            if (JsonTree.looksLike(text, chunk)) {
                JsonTree.read(text, chunk, trees);
            } else {
                yaml(text, chunk, trees);
            }
        } catch (RefusedException e) {
            refused = e;
        }
        if (refused != null && trees.isEmpty() && !file.endsWith(".json") && JsonTree.looksLike(text, chunk)) {
            try {
                // A flow mapping looks like JSON.
                yaml(text, chunk, trees);
                refused = null;
            } catch (RefusedException e) {
                refused = e;
            }
        }
        for (int i = 0; i < trees.size(); i++) {
            document(trees.get(i), new Place(new Origin(file, number + i), null, null), 0);
        }
        if (refused != null) {
            Origin origin = new Origin(file, number + trees.size());
            problems.add(new Problem(Severity.ERROR, origin, null, null, refused.message(), refused.remedy()));
        }
        return Math.max(0, trees.size() + (refused == null ? 0 : 1) - 1);
    }

    private static void yaml(String text, Chunk chunk, List<Object> trees) throws RefusedException {
        Object tree = YamlTree.read(text, chunk);
        if (tree != null) {
            trees.add(tree);
        }
    }

    private void document(@Nullable Object tree, Place place, int depth) {
        if (!(tree instanceof Map<?, ?> fields)) {
            error(place, null, Problem.shown(tree) + " is no Kubernetes object", "write apiVersion, kind and metadata");
            return;
        }
        String kind = text(fields, "kind", place);
        String apiVersion = text(fields, "apiVersion", place);
        if (kind == null || apiVersion == null) {
            return;
        }
        if (kind.endsWith("List") && fields.get("items") instanceof List<?> items) {
            items(items, kind, apiVersion, place, depth);
            return;
        }
        KnownKind known = KnownKind.of(kind, apiVersion);
        if (known == null) {
            ignored.add(new FileObjects.Ignored(KnownKind.label(kind, apiVersion), place.origin));
        } else if (!known.apiVersion().equals(apiVersion)) {
            error(
                    place,
                    "apiVersion",
                    Problem.shown(apiVersion) + " of " + kind + " is not read",
                    "write " + known.apiVersion());
        } else {
            object(fields, known, place);
        }
    }

    private @Nullable String text(Map<?, ?> fields, String name, Place place) {
        Object value = fields.get(name);
        if (value instanceof String text && !text.isEmpty()) {
            return text;
        }
        error(
                place,
                name,
                value == null || value.equals("") ? "is missing" : Problem.shown(value) + " is no text",
                "write it as in a Kubernetes manifest");
        return null;
    }

    /** Elements of a {@code ServiceList} need not say their kind. */
    private void items(List<?> items, String kind, String apiVersion, Place place, int depth) {
        if (depth == MAX_LISTS_IN_LISTS) {
            error(place, "items", "has lists in lists in lists", "flatten it");
            return;
        }
        String ofElements = kind.substring(0, kind.length() - "List".length());
        for (int i = 0; i < items.size(); i++) {
            Object item = items.get(i);
            if (!ofElements.isEmpty() && item instanceof Map<?, ?> fields && !fields.containsKey("kind")) {
                Map<Object, Object> complete = new LinkedHashMap<>(fields);
                complete.put("kind", ofElements);
                complete.putIfAbsent("apiVersion", apiVersion);
                item = complete;
            }
            document(item, new Place(place.origin, place.path("items[" + i + "]"), null), depth + 1);
        }
    }

    private void object(Map<?, ?> fields, KnownKind kind, Place place) {
        Map<?, ?> metadata = fields.get("metadata") instanceof Map<?, ?> map ? map : Map.of();
        Object name = metadata.get("name");
        if (!(name instanceof String text) || text.isEmpty()) {
            error(
                    place,
                    "metadata.name",
                    name == null || name.equals("") ? "is missing" : Problem.shown(name) + " is no text",
                    name == null || name.equals("") ? "give the " + kind.kind() + " a name" : "put it in quotes");
            return;
        }
        Object said = metadata.get("namespace");
        Object namespace = said == null || said.equals("") ? "default" : said;
        String title = kind.kind() + " " + (kind.namespaced() ? namespace + "/" : "") + text;
        Place named = new Place(place.origin, null, title);
        if (!DNS_SUBDOMAIN.matcher(text).matches()) {
            error(named, "metadata.name", Problem.shown(text) + " is no name", "use a-z, 0-9, '-' and '.' alone");
        } else if (kind.namespaced() && !DNS_LABEL.matcher(namespace.toString()).matches()) {
            error(named, "metadata.namespace", Problem.shown(namespace) + " is no name", "use a-z, 0-9 and '-' alone");
        } else {
            convert(withNamespace(fields, metadata, kind, namespace), kind, named);
        }
    }

    private static Map<Object, Object> withNamespace(
            Map<?, ?> fields, Map<?, ?> said, KnownKind kind, Object namespace) {
        Map<Object, Object> copy = new LinkedHashMap<>(fields);
        Map<Object, Object> metadata = new LinkedHashMap<>(said);
        if (kind.namespaced()) {
            metadata.put("namespace", namespace);
        } else {
            metadata.remove("namespace");
        }
        copy.put("metadata", metadata);
        return copy;
    }

    private void convert(Map<Object, Object> fields, KnownKind kind, Place place) {
        ObjectTree tree = new ObjectTree();
        Object fitting = tree.fit(fields, kind.type(), "");
        for (ObjectTree.Finding found : tree.findings()) {
            problems.add(new Problem(
                    found.severity(), place.origin, place.title, found.path(), found.message(), found.remedy()));
        }
        if (tree.hasErrors()) {
            return;
        }
        try {
            objects.add(new Sourced<>(MAPPER.convertValue(fitting, kind.type()), place.origin));
        } catch (JacksonException | IllegalArgumentException e) {
            error(place, null, "does not fit its kind: " + e.getMessage(), "compare it with the Kubernetes API");
        }
    }

    private void error(Place place, @Nullable String field, String message, String remedy) {
        problems.add(new Problem(Severity.ERROR, place.origin, place.title, place.path(field), message, remedy));
    }

    /**
     * Where in the file.
     *
     * @param prefix of field paths: the element of a list, as long as the object has no title; null for none
     * @param title of the object, once it is known
     */
    private record Place(
            Origin origin,
            @Nullable String prefix,
            @Nullable String title) {

        @Nullable
        String path(@Nullable String field) {
            return prefix == null || field == null ? (field == null ? prefix : field) : prefix + "." + field;
        }
    }
}
