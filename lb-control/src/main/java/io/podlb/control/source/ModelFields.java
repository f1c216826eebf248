package io.podlb.control.source;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The fields of the Kubernetes API, taken from the model classes. Safe for use by any thread. */
final class ModelFields {

    private static final ClassValue<Map<String, Type>> FIELDS = new ClassValue<>() {
        @Override
        protected Map<String, Type> computeValue(Class<?> type) {
            Map<String, Type> fields = new LinkedHashMap<>();
            for (Class<?> c = type; c != null; c = c.getSuperclass()) {
                for (Field field : c.getDeclaredFields()) {
                    JsonProperty property = field.getAnnotation(JsonProperty.class);
                    if (property != null
                            && !field.isAnnotationPresent(JsonIgnore.class)
                            && !Modifier.isStatic(field.getModifiers())) {
                        fields.put(property.value(), field.getGenericType());
                    }
                }
            }
            return Collections.unmodifiableMap(fields);
        }
    };

    private ModelFields() {}

    /** Type by name as in manifests. */
    static Map<String, Type> of(Class<?> type) {
        return FIELDS.get(type);
    }
}
