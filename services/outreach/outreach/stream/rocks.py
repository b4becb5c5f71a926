"""How a partition's RocksDB database is opened: one cache and one measure of write buffers for all of them, compressed, few files."""

from pathlib import Path

import rocksdict

MIB = 1024 * 1024
_CACHE = 64 * MIB
_WRITE_BUFFERS = 48 * MIB
_WRITE_BUFFER = 4 * MIB
_TABLE_FILE = 16 * MIB
_BLOOM_BITS = 10
_BLOCK = 16 * 1024


class Rocks:
    """Stands where Faust keeps its RocksDBOptions: RocksDB's defaults are 2 GiB of cache and 192 MiB of buffers a partition."""

    def __init__(self) -> None:
        self._cache = rocksdict.Cache(_CACHE)
        self._buffers = rocksdict.WriteBufferManager.new_write_buffer_manager_with_cache(_WRITE_BUFFERS, False, self._cache)

    def open(self, path: Path, *, read_only: bool = False) -> rocksdict.Rdict:
        """The database at `path`, created when missing; raises when another process has it open."""
        access = rocksdict.AccessType.read_only() if read_only else rocksdict.AccessType.read_write()
        database = rocksdict.Rdict(str(path), options=self._options(), access_type=access)
        database.set_read_options(rocksdict.ReadOptions())
        return database

    def _options(self) -> rocksdict.Options:
        options = rocksdict.Options(raw_mode=True)
        options.create_if_missing(True)
        options.set_compression_type(rocksdict.DBCompressionType.zstd())
        options.set_write_buffer_manager(self._buffers)
        options.set_write_buffer_size(_WRITE_BUFFER)
        options.set_max_write_buffer_number(2)
        options.set_target_file_size_base(_TABLE_FILE)
        options.set_level_compaction_dynamic_level_bytes(True)  # at most a tenth more than the data
        options.set_max_background_jobs(2)
        options.set_keep_log_file_num(2)
        options.set_max_log_file_size(MIB)
        options.set_stats_dump_period_sec(0)
        options.set_stats_persist_period_sec(0)
        options.set_block_based_table_factory(self._tables())
        return options

    def _tables(self) -> rocksdict.BlockBasedOptions:
        tables = rocksdict.BlockBasedOptions()
        tables.set_block_cache(self._cache)
        tables.set_cache_index_and_filter_blocks(True)  # inside the bounded cache
        tables.set_bloom_filter(_BLOOM_BITS, block_based=False)
        tables.set_block_size(_BLOCK)
        return tables
