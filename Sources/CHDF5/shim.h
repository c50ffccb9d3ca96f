#pragma once
#include <hdf5.h>
#include <stdio.h>

// Constants that are macros in HDF5's headers, which Swift does not import.
static inline hid_t pi_hdf5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t pi_hdf5_single(void) { return H5T_IEEE_F32LE; }
static inline hid_t pi_hdf5_dataset_creation(void) { return H5P_DATASET_CREATE; }
static inline hid_t pi_hdf5_link_creation(void) { return H5P_LINK_CREATE; }
static inline hid_t pi_hdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t pi_hdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t pi_hdf5_everything(void) { return H5S_ALL; }
static inline unsigned pi_hdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned pi_hdf5_read_only(void) { return H5F_ACC_RDONLY; }

// IEEE 754's half precision, little-endian, which the library has no name for. The caller closes it.
static inline hid_t pi_hdf5_copy_half(void) {
  hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  if (type < 0) return type;
  if (H5Tset_fields(type, 15, 10, 5, 0, 10) >= 0 && H5Tset_size(type, 2) >= 0 &&
      H5Tset_ebias(type, 15) >= 0)
    return type;
  H5Tclose(type);
  return -1;
}

// Makes the library ready on this thread: no error stack on standard error (a setting of each
// thread), and no loading of filter plug-ins, which a file could otherwise ask for. Returns a
// negative number on failure.
static inline herr_t pi_hdf5_prepare(void) {
  if (H5open() < 0 || H5PLset_loading_state(0) < 0) return -1;
  return H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

typedef struct {
  char *text;
  size_t capacity;
} pi_hdf5_message;

static inline herr_t pi_hdf5_keep_first(unsigned n, const H5E_error2_t *error, void *out) {
  const pi_hdf5_message *message = (const pi_hdf5_message *)out;
  if (n == 0) snprintf(message->text, message->capacity, "%s", error->desc ? error->desc : "");
  return 0;
}

// Copies the library's description of the innermost cause of the last failure into `text`, cut to
// `capacity` bytes (at least 1) including the closing zero; empty where there was none.
static inline void pi_hdf5_last_error(char *text, size_t capacity) {
  pi_hdf5_message message = {text, capacity};
  text[0] = 0;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, pi_hdf5_keep_first, &message);
}
